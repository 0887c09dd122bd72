/** A file of the folder of migrations. */
export interface MigrationFile {
  /** Without its folder. */
  readonly name: string;
  readonly text: string;
}

/** A migration as it is to run, whatever tool it was written for. */
export interface PendingMigration {
  /** What its tool calls it: a number without leading zeros, a revision. */
  readonly version: string;
  readonly name: string;
  readonly file: string;
  /** The SQL that runs. */
  readonly text: string;
  readonly digest: string;
  /** By which the tool's own table hears of it, or is made: run after the others in the same transaction. What touches rows touches one. */
  readonly bookkeeping: readonly string[];
}

/** A line of `holdfast.migrations`. */
export interface Applied {
  readonly version: string;
  readonly digest: string;
  /** running: begun outside of a transaction and not known to be over. */
  readonly state: "running" | "applied";
}

/** What a tool that runs a team's code wrote, before anybody looked at it. */
export interface Rendering {
  /** As the tool names itself. */
  readonly version: string;
  readonly sql: string;
}
