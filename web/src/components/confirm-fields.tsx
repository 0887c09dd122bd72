/** The fields with which people confirm what they ask for: why, the name once more, and what it belongs to. */
import { REASON_LIMITS } from "@holdfast/actions/domain";
import { Field } from "./field.tsx";

interface ConfirmFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What it lacks. */
  readonly problem: string | null;
}

interface TriedFieldProps extends ConfirmFieldProps {
  /** Somebody tried to send the form; before that nobody is told off for not having typed yet. */
  readonly tried: boolean;
}

export function ReasonField({ label = "Reason", value, onChange, problem, tried }: TriedFieldProps & { readonly label?: string }) {
  return (
    <Field
      label={label}
      required
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={`At least ${REASON_LIMITS.min} characters. It is recorded in the ledger under your name.`}
      problem={tried || value.length >= REASON_LIMITS.min ? problem : null}
    />
  );
}

interface TypedNameFieldProps extends TriedFieldProps {
  /** Whose name it is: `cluster`. */
  readonly of: string;
  /** Exactly what has to be typed. */
  readonly name: string;
}

export function TypedNameField({ of, name, value, onChange, problem, tried }: TypedNameFieldProps) {
  return (
    <Field
      label={`Type the ${of}'s name`}
      mono
      required
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={
        <>
          Exactly <code>{name}</code>
        </>
      }
      problem={tried || value.length >= name.length ? problem : null}
    />
  );
}

export function IncidentField({ hint, value, onChange, problem }: ConfirmFieldProps & { readonly hint?: string }) {
  return (
    <Field
      label="Incident (optional)"
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={hint}
      problem={problem}
    />
  );
}
