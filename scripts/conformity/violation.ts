/** One thing that a request or its answer does and the real service would not. */
export interface Violation {
  readonly at: string;
  readonly service: string;
  /** `GET /repos/acme/holdfast`, or the name of an RDS action. */
  readonly request: string;
  readonly problem: string;
}
