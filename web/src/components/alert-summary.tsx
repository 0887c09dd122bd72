import type { AlertView } from "@holdfast/actions/domain";
import { alertSentence, alertTitle, statusShape, statusWords } from "../lib/alert-words.ts";
import { visibleText } from "../lib/visible-text.ts";
import { StatusSign, SummaryRow } from "./summary-row.tsx";

export function AlertSign({ view }: { readonly view: AlertView }) {
  return <StatusSign shape={statusShape(view)} words={statusWords(view)} />;
}

/** One line an alert, for lists. */
export function AlertSummary({ view }: { readonly view: AlertView }) {
  const { severity, app, source, id, openedAt } = view.alert;
  return (
    <SummaryRow
      to={`/alerts/${encodeURIComponent(id)}`}
      title={alertTitle(view)}
      sign={<AlertSign view={view} />}
      detail={
        <>
          <strong>{severity}</strong>; {alertSentence(view)}; {visibleText(app === null ? source : `${app}, ${source}`)}
        </>
      }
      at={new Date(openedAt)}
    />
  );
}
