import { type FormEvent, type ReactNode, useState } from "react";
import { Choice } from "../../components/choice.tsx";
import { ReasonField } from "../../components/confirm-fields.tsx";
import { Field } from "../../components/field.tsx";
import { Section } from "../../components/section.tsx";
import { TwoSides } from "../../components/two-sides.tsx";
import { checkGuard, GUARD_KINDS, type GuardDraft, type GuardKind, type GuardProblems, LABELS } from "../../lib/guard-draft.ts";
import styles from "./guards.module.css";
import { MigrationText } from "./migration-text.tsx";

interface GuardFormProps {
  readonly draft: GuardDraft;
  readonly onChange: (draft: GuardDraft) => void;
  /** Where migrations lie in the repository. */
  readonly directory: string;
}

const KINDS: Readonly<Record<GuardKind, string>> = {
  "mass-changes": "refuses mass changes of a table",
  "lost-updates": "refuses lost updates of a table",
  override: "lets one meant change of a table pass",
  removal: "removes the guards of a table",
};

const MODES = [
  { value: "observe", name: "say in the log what would be refused" },
  { value: "refuse", name: "refuse it" },
] as const;

export function GuardForm({ draft, onChange, directory }: GuardFormProps) {
  const checked = checkGuard(draft);
  const problems: GuardProblems = checked.ok ? {} : checked.problems;
  return (
    <TwoSides side={<MigrationText checked={checked} directory={directory} />}>
      <Section title="Write a migration">
        <form className={styles.form} onSubmit={stay} noValidate>
          <Choice
            label="What it does"
            value={draft.kind}
            options={GUARD_KINDS.map((kind) => ({ value: kind, name: KINDS[kind] }))}
            onChoose={(kind) => onChange({ ...draft, kind })}
          />
          <TextField name="table" hint="With its schema, as the catalog spells it: public.users" {...{ draft, onChange, problems }} />
          <KindFields {...{ draft, onChange, problems }} />
          <TextField name="number" hint="Behind the newest file's; a proposal from what was applied" {...{ draft, onChange, problems }} />
        </form>
      </Section>
    </TwoSides>
  );
}

/** Nothing is sent: what the fields come to stands beside them. */
const stay = (event: FormEvent) => event.preventDefault();

interface FieldsProps {
  readonly draft: GuardDraft;
  readonly onChange: (draft: GuardDraft) => void;
  readonly problems: GuardProblems;
}

function KindFields(props: FieldsProps) {
  const { draft, onChange, problems } = props;
  switch (draft.kind) {
    case "mass-changes":
      return (
        <>
          <TextField name="rows" hint="That one transaction may change" {...props} />
          <TextField name="window" hint="A window over all transactions of one role: 60s, 15m, 24h" {...props} />
          <TextField name="windowRows" hint="Ordinary traffic counts too; empty for as many as above" {...props} />
          <TextField name="percent" hint="For both, of the table's rows" {...props} />
          <Choice label="Beyond that" value={draft.mode} options={MODES} onChoose={(mode) => onChange({ ...draft, mode })} />
        </>
      );
    case "lost-updates":
      return <TextField name="column" hint="A whole number, not null, default 0; it has to exist" {...props} />;
    case "override":
      return (
        <>
          <TextField name="rows" hint="That may be changed in all, beyond what is allowed anyway" {...props} />
          <TextField name="length" hint="From the moment in which it is applied: 15m, at most 24h" {...props} />
          <ReasonField
            value={draft.reason}
            onChange={(reason) => onChange({ ...draft, reason })}
            problem={problems.reason ?? null}
            tried={false}
          />
        </>
      );
    case "removal":
      return null;
  }
}

function TextField({
  name,
  hint,
  draft,
  onChange,
  problems,
}: FieldsProps & { readonly name: keyof GuardProblems; readonly hint: ReactNode }) {
  const [left, setLeft] = useState(false);
  return (
    <Field
      label={LABELS[name]}
      mono
      spellCheck={false}
      autoComplete="off"
      value={draft[name]}
      hint={hint}
      onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
      onBlur={() => setLeft(true)}
      problem={left || draft[name] !== "" ? (problems[name] ?? null) : null}
    />
  );
}
