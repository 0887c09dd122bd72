/** What a form's draft lacks, by field: what is wrong and what is allowed. */
export type Problems<Field extends string> = Readonly<Partial<Record<Field, string>>>;

/** What a draft comes to: all that is reviewed and sent, or everything that keeps it from being sent. */
export type CheckedDraft<Complete, Field extends string> =
  | (Complete & { readonly ok: true })
  | { readonly ok: false; readonly problems: Problems<Field> };
