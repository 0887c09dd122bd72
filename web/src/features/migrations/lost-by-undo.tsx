/** What taking migrations back would lose: what the statements that destroy or may destroy data reached in the rehearsal, or are expected to reach. */
import { type RecordedPlan, type Rehearsal, schemaBefore, standingMigrations } from "@holdfast/actions/domain";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { Section } from "../../components/section.tsx";
import { counted } from "../../lib/counted.ts";
import { useSystem } from "../../lib/system.tsx";
import { visibleText } from "../../lib/visible-text.ts";

interface LostByUndoProps {
  readonly plan: RecordedPlan;
  readonly rehearsal: Rehearsal | null;
}

export function LostByUndo({ plan, rehearsal }: LostByUndoProps) {
  const { ledger } = useSystem();
  if (plan.undo === undefined) return null;
  const entries = ledger.value?.verdict.entries ?? [];
  const standing = standingMigrations(entries, plan.cluster);
  const before = schemaBefore(entries, plan.cluster, plan.undo);
  const after = rehearsal?.ran.at(-1)?.schema;
  const applied = plan.migrations.flatMap(({ version }): readonly Fact[] => {
    const line = standing.find((each) => each.version === version);
    return line === undefined ? [] : [{ name: `${visibleText(line.file)} applied`, value: <Instant at={new Date(line.at)} relative /> }];
  });
  const schema: readonly Fact[] =
    before === null || after === undefined
      ? []
      : [
          {
            name: "The schema afterwards",
            value: before === after ? "exactly as before it was applied" : "not the one before it was applied",
          },
        ];
  return (
    <Section title="Lost by taking it back">
      <Facts facts={[...applied, ...lostIn(plan, rehearsal), ...schema]} />
    </Section>
  );
}

function lostIn({ migrations }: RecordedPlan, rehearsal: Rehearsal | null): readonly Fact[] {
  const facts = migrations.flatMap(({ version, file, statements }) =>
    statements.flatMap(({ line, verdict, rows }, index): readonly Fact[] => {
      if (verdict !== "destroys-data" && verdict !== "may-destroy-data") return [];
      const seen = rehearsal?.ran.find((each) => each.version === version)?.rows[index] ?? null;
      const said =
        seen !== null
          ? `${counted(seen, "row")} in the rehearsal`
          : rows === null
            ? "how many rows is not known"
            : `about ${counted(rows.expected, "row")}`;
      return [{ name: visibleText(`${file}, line ${line}`), value: said }];
    }),
  );
  return facts.length === 0 ? [{ name: "Rows", value: "none: no statement destroys data" }] : facts;
}
