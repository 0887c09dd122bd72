import { formatDuration } from "../domain/index.ts";
import { type Facts, isUnread, type LedgerFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

const ON = "ledger";
// The state on the page calls a collector silent after as long.
const SILENT_MS = 15 * 60_000;

/** The record: whole, not shortened, and written by collectors that live. */
export function checkLedger(facts: Facts): readonly Finding[] {
  const { ledger, repository } = facts;
  return [
    ...(isUnread(ledger) ? [unknown("ledger-chain", ON, ledger)] : [chain(ledger), ...heads(ledger)]),
    ...collectors(facts),
    orphans(facts, repository.name),
  ];
}

const RUNBOOK = "docs/runbooks/ledger-broken.md";

function chain({ broken, head }: LedgerFacts): Finding {
  return broken === null
    ? pass("ledger-chain", ON, `verifies: ${head.seq} entries`)
    : fail("ledger-chain", ON, `is broken at ${broken}`, RUNBOOK);
}

function heads({ head, published, remembered }: LedgerFacts): readonly Finding[] {
  const seen =
    published !== null && published.seq > head.seq
      ? fail("ledger-head", ON, `ends at entry ${head.seq}, and branch status saw entry ${published.seq}: its tail was cut off`, RUNBOOK)
      : pass("ledger-head", ON, "reaches the head that branch status saw");
  if (remembered === null) return [seen];
  return [
    seen,
    remembered.problem === null
      ? pass("ledger-head", ON, `still holds entry ${remembered.head.seq} as it was remembered`)
      : fail("ledger-head", ON, remembered.problem, RUNBOOK),
  ];
}

function collectors({ collectors: known, config, now }: Facts): readonly Finding[] {
  if (isUnread(config)) return [];
  const watched = config.apps.filter(({ containers, files }) => containers.length + files.length > 0);
  if (isUnread(known)) return [unknown("collector", "collectors", known)];
  const start = "npx --no-install holdfast collect, beside the containers (docs/collector.md)";
  if (known.length === 0)
    return watched.length === 0
      ? []
      : [warn("collector", "collectors", `never reported, and ${watched.length} apps have logs to follow`, start)];
  return known.map(({ collector, at }) => {
    const age = now.getTime() - Date.parse(at);
    return age <= SILENT_MS
      ? pass("collector", collector, `reported ${formatDuration(age)} ago`)
      : fail("collector", collector, `is silent for ${formatDuration(age)}: nobody follows its logs`, start);
  });
}

function orphans({ orphans: known }: Facts, repository: string): Finding {
  if (isUnread(known)) return unknown("orphans", repository, known);
  return known === 0
    ? pass("orphans", repository, "left nothing behind")
    : warn(
        "orphans",
        repository,
        `left ${known} things behind that were begun and never finished`,
        "npx --no-install holdfast doctor --orphans",
      );
}
