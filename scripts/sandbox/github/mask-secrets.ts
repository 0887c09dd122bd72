/** What may never reach a record: tokens of GitHub's forms, signed tokens, the signatures in log addresses. */
const secrets = /github_pat_\w+|gh[opsur]_\w+|eyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=[?&]sig=)[\w-]+/g;

export function maskSecrets(value: string): string;
export function maskSecrets(value: unknown): unknown;
export function maskSecrets(value: unknown): unknown {
  if (typeof value === "string") return value.replace(secrets, "***");
  if (Array.isArray(value)) return value.map((item: unknown) => maskSecrets(item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]: [string, unknown]) => [name, maskSecrets(item)]));
  }
  return value;
}
