/**
 * What a format is: a reader of one record's text that says what the record tells. It keeps no state of its own (what must be remembered
 * between records stands in `Memory`), resolves no time zone and counts nothing: that is the reader's.
 */
import type { EventKind, FormatName } from "../../domain/index.ts";
import type { Clue } from "../clue.ts";
import type { Clock } from "../grammar/clock.ts";

/**
 * Who tells. One occurrence may be told once by each of several tellers (the application, its access log, Spring's listener, ...); what
 * the same teller says twice happened twice.
 */
export type Teller =
  | "application"
  | "access"
  | "listener"
  | "interactive-listener"
  | "audit-listener"
  | "provider"
  | "password-manager"
  | "statement"
  | "database"
  | "system"
  | "migration-tool"
  | "migration-history"
  | "mapping";

/** What a record says happened, or that it did not: `happened: false` takes back what another teller says about the same request. */
export interface Sighting {
  readonly kind: EventKind;
  readonly teller: Teller;
  readonly happened: boolean;
  readonly trusted: boolean;
  readonly actor: string | null;
  readonly ip: string | null;
  readonly target: string | null;
  readonly table: string | null;
  readonly rows: number | null;
  readonly times: number;
  readonly destructive: boolean;
  readonly migration: string | null;
  readonly override: { readonly reason: string | null; readonly until: number | null } | null;
  /** An explicit field about the actor's role; it outranks everything else. */
  readonly role: boolean | null;
  /** What the words of the message say ("by admin 'ada'"); the weakest sign. */
  readonly words: boolean | null;
  /** The path of a request that was let through: the prefix tells whose doors it used. */
  readonly path: string | null;
  /** The id that ties the lines of one request together. */
  readonly request: string | null;
}

/** Written out field by field: lines that tell something come by the hundred thousand, and a spread costs more than reading one. */
export function sighting(kind: EventKind, teller: Teller, told: Partial<Sighting> = {}): Sighting {
  return {
    kind,
    teller,
    happened: told.happened ?? true,
    trusted: told.trusted ?? false,
    actor: told.actor ?? null,
    ip: told.ip ?? null,
    target: told.target ?? null,
    table: told.table ?? null,
    rows: told.rows ?? null,
    times: told.times ?? 1,
    destructive: told.destructive ?? false,
    migration: told.migration ?? null,
    override: told.override ?? null,
    role: told.role ?? null,
    words: told.words ?? null,
    path: told.path ?? null,
    request: told.request ?? null,
  };
}

/** A line of a database session bears on the statement that the same session logged before. */
export interface Session {
  readonly key: string;
  /** `statement` may still fail, `parameters` and `audit` complete it, `failure` takes it back, `other` settles it. */
  readonly says: "statement" | "parameters" | "audit" | "failure" | "other";
}

/** What one record tells. */
export interface Reading {
  /** Null: the record has no time of its own. */
  readonly clock: Clock | null;
  readonly sightings: readonly Sighting[];
  /** The lines after this one may change what it says: read the whole record once it is complete. */
  readonly waits: boolean;
  readonly session: Session | null;
  /** Who logged it, as its head names it. */
  readonly logger: string | null;
}

export const NOTHING: readonly Sighting[] = [];

export function reading(
  clock: Clock | null,
  sightings: readonly Sighting[],
  more: Partial<Omit<Reading, "clock" | "sightings">> = {},
): Reading {
  return { clock, sightings, waits: more.waits ?? false, session: more.session ?? null, logger: more.logger ?? null };
}

/** What formats remember between the records of a source; JSON-able, bounded. */
export interface Memory {
  /** Alembic prints SQL instead of running it. */
  offlineSql: boolean;
  /** Flyway announced migrations that its summary will tell again. */
  announced: number;
  /** Change sets that Liquibase announced, the newest last. */
  changeSets: readonly string[];
  /** The address behind each PostgreSQL process, where the prefix has none. */
  addresses: Readonly<Record<string, string>>;
  /** The override that lines last said to be in force, so that each of them does not declare it again. */
  override: string | null;
}

export function emptyMemory(): Memory {
  return { offlineSql: false, announced: 0, changeSets: [], addresses: {}, override: null };
}

export interface Format {
  readonly name: FormatName;
  /** Every line that can matter holds one of these. A line that follows a record which still waits must be given in any case. */
  readonly clues: readonly Clue[];
  /** Null: the text is not the beginning of a record of this format. */
  read(text: string, memory: Memory): Reading | null;
}
