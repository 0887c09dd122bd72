/** Replaces secrets in everything that leaves a job: log, annotations, summary. */
export interface Masker {
  add(value: string): void;
  clean(text: string): string;
  /** GitHub drops a job output that would carry a secret to another job. */
  holds(text: string): boolean;
}

export function createMasker(): Masker {
  let values: readonly string[] = [];
  return {
    add(value) {
      // A secret of several lines reaches the log line by line; one inside JSON or an address is written escaped.
      const forms = [value, ...value.split(/\r?\n/)].flatMap((form) => [form, JSON.stringify(form).slice(1, -1), encodeURIComponent(form)]);
      const known = new Set([...values, ...forms.map((form) => form.trim())]);
      known.delete("");
      values = [...known].sort((a, b) => b.length - a.length);
    },
    clean: (text) => values.reduce((cleaned, value) => cleaned.replaceAll(value, "***"), text),
    holds: (text) => values.some((value) => text.includes(value)),
  };
}
