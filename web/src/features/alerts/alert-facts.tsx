import type { AlertView } from "@holdfast/actions/domain";
import { Link } from "wouter";
import { Facts } from "../../components/facts.tsx";
import { Instant } from "../../components/instant.tsx";
import { visibleText } from "../../lib/visible-text.ts";

export function AlertFacts({ view }: { readonly view: AlertView }) {
  const { alert, overSince, recordedAt } = view;
  return (
    <Facts
      facts={[
        { name: "Rule", value: <code>{visibleText(alert.rule)}</code> },
        { name: "Counts by", value: alert.key === "*" ? "everything together" : <code>{visibleText(alert.key)}</code> },
        { name: "First", value: <Instant at={new Date(alert.firstEventAt)} relative /> },
        { name: "Crossed at", value: <Instant at={new Date(alert.openedAt)} /> },
        { name: "Last so far", value: <Instant at={new Date(alert.lastEventAt)} /> },
        { name: "Over since", value: overSince === null ? "it goes on" : <Instant at={new Date(overSince)} relative /> },
        { name: "App", value: alert.app === null ? "none of holdfast.yml" : visibleText(alert.app) },
        { name: "Cluster", value: alert.cluster === null ? "none of holdfast.yml" : <code>{visibleText(alert.cluster)}</code> },
        {
          name: "Source",
          value: (
            <>
              <code>{visibleText(alert.source)}</code>, line {alert.line}
            </>
          ),
        },
        { name: "Recorded", value: <Instant at={new Date(recordedAt)} /> },
        { name: "Incident", value: <Link href={`/incidents/${encodeURIComponent(alert.id)}`}>{visibleText(alert.id)}</Link> },
      ]}
    />
  );
}
