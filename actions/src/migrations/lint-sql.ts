import type { VerdictWord } from "../domain/index.ts";
import { openFacts } from "./file-facts.ts";
import { FINDING_IDS, finding, isFindingId } from "./findings.ts";
import { judgeTree } from "./judge-statement.ts";
import { readStatements, type Statement } from "./read-statements.ts";
import { type Finding, worstOf } from "./verdict.ts";

export interface JudgedStatement {
  readonly file: string;
  /** Of the statement's first word, from 1. */
  readonly line: number;
  readonly statement: string;
  readonly verdict: VerdictWord;
  readonly findings: readonly Finding[];
}

/** Judges every statement of one SQL file, in order. `loadParser` must have been awaited. Throws InvalidInput for what is no SQL. */
export function lintSql(file: string, sql: string): readonly JudgedStatement[] {
  const statements = readStatements(file, sql);
  const facts = openFacts(statements);
  return statements.map((statement) => {
    const found =
      statement.tree === null
        ? [finding("leaves-database", `psql's ${statement.text.split(/\s/)[0] ?? ""}`)]
        : judgeTree(statement.tree, facts);
    facts.pass();
    const findings = allow(distinct(found), allowancesOf(statement));
    return { file, line: statement.line, statement: statement.text, verdict: worstOf(findings), findings };
  });
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((each, index) => findings.findIndex(({ id, message }) => id === each.id && message === each.message) === index);
}

/** `-- holdfast:allow drop-column the column was never filled`, directly before the statement. */
const ALLOW = /^--\s*holdfast:allow\s+([\w-]+)[ \t]*(.*)$/gm;
// Shorter than this, a reason says nothing.
const REASON_MINIMUM = 10;

interface Allowance {
  readonly id: string;
  readonly reason: string;
}

function allowancesOf({ comments }: Statement): readonly Allowance[] {
  return [...comments.matchAll(ALLOW)].map(([, id = "", reason = ""]) => ({ id, reason: reason.trim() }));
}

function allow(findings: readonly Finding[], allowances: readonly Allowance[]): readonly Finding[] {
  const judged = findings.map((each) => {
    const reason = allowances.find(({ id, reason: given }) => id === each.id && given.length >= REASON_MINIMUM)?.reason;
    return reason === undefined ? each : { ...each, allowedBecause: reason };
  });
  return [...judged, ...allowances.flatMap(problemOf)];
}

/** An allowance that allows nothing is said, because whoever wrote it relies on it. */
function problemOf({ id, reason }: Allowance): Finding[] {
  const style = { id: "useless-allowance", verdict: "style" } as const;
  if (!isFindingId(id)) {
    return [
      {
        ...style,
        message: `holdfast:allow names ${JSON.stringify(id)}, which is no finding.`,
        saferWay: `Name one of: ${FINDING_IDS.join(", ")}.`,
      },
    ];
  }
  if (reason.length >= REASON_MINIMUM) return [];
  return [
    {
      ...style,
      message: `holdfast:allow ${id} gives no reason, so the finding stays.`,
      saferWay: `Say why in at least ${REASON_MINIMUM} characters.`,
    },
  ];
}
