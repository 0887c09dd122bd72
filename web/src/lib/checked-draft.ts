import { InvalidInput } from "@holdfast/actions/domain";

/** What a form's draft lacks, by field: what is wrong and what is allowed. */
export type Problems<Field extends string> = Readonly<Partial<Record<Field, string>>>;

/** What a draft comes to: all that is reviewed and sent, or everything that keeps it from being sent. */
export type CheckedDraft<Complete, Field extends string> =
  | (Complete & { readonly ok: true })
  | { readonly ok: false; readonly problems: Problems<Field> };

export type CheckedInputs<Inputs> = CheckedDraft<{ readonly inputs: Inputs }, string>;

/** For a draft whose fields are the inputs themselves: what `read` accepts is sent, and what it refuses stands at its field. */
export function checkInputs<Inputs>(read: () => Inputs): CheckedInputs<Inputs> {
  try {
    return { ok: true, inputs: read() };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { ok: false, problems: Object.fromEntries(error.problems.map(({ path, allowed }) => [path, `Allowed: ${allowed}.`])) };
  }
}
