/** What a route gives back: JSON, or bytes with their own type. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly bytes?: { readonly type: string; readonly content: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FieldError {
  readonly resource: string;
  readonly field: string;
  readonly code: string;
  readonly message?: string;
}

/** A refusal in GitHub's own shape: `{message, documentation_url, status}` and, on 422, `errors`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** A few endpoints put one sentence here instead of a list. */
  readonly errors: readonly FieldError[] | string;

  constructor(status: number, message: string, errors: readonly FieldError[] | string = []) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** The sandbox itself cannot do what was asked; loud on purpose, so that nobody builds on a silent gap. */
export class NotInSandbox extends Error {
  override readonly name = "NotInSandbox";
}

export function ok(json: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, json, headers };
}

export function created(json: unknown, location: string): Answer {
  return { status: 201, json, headers: { Location: location } };
}

export const notFound = (): ApiError => new ApiError(404, "Not Found");

export const invalid = (detail: string): ApiError => new ApiError(422, `Invalid request.\n\n${detail}`);
