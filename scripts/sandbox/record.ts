/** One request to a stand-in and the answer it gave, as `--record` writes it: secrets are masked before an entry is made. */
export interface RecordEntry {
  /** RFC 3339, UTC, of the moment the request arrived. */
  readonly at: string;
  readonly service: "github" | "rds" | "sts" | "slack";
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Parsed JSON where the body is JSON, otherwise text; absent where there is none. */
  readonly request?: unknown;
  readonly response?: unknown;
}

export type Recorder = (entry: RecordEntry) => void;
