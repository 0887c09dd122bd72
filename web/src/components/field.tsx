import { type ComponentProps, type ReactNode, useId } from "react";
import styles from "./field.module.css";

interface FieldProps extends Omit<ComponentProps<"input">, "id" | "className" | "aria-describedby" | "aria-invalid"> {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong and what is allowed; shown once the person had a chance to type. */
  readonly problem?: string | null;
  readonly mono?: boolean;
}

export function Field({ label, hint, problem = null, mono = false, ...input }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? [] : [`${id}-hint`], problem === null ? [] : [`${id}-problem`]].flat().join(" ");
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {hint === undefined ? null : (
        <div className={styles.hint} id={`${id}-hint`}>
          {hint}
        </div>
      )}
      <input
        {...input}
        id={id}
        className={styles.input}
        data-mono={mono || undefined}
        aria-describedby={described === "" ? undefined : described}
        aria-invalid={problem === null ? undefined : true}
      />
      {problem === null ? null : (
        <p className={styles.problem} id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
