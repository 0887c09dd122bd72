/** What the screen of a cut-over's run shows beside its steps: where the names are, what to do where it stopped, and what people do afterwards. */
import { CUT_OVER_CHECKLIST, cutOverStep, keptName, renameCommand } from "@holdfast/actions/domain";
import { Fragment } from "react";
import { CopyButton } from "../../components/copy-button.tsx";
import { Notice } from "../../components/notice.tsx";
import { Section } from "../../components/section.tsx";
import { useSystem } from "../../lib/system.tsx";
import { isActive, type WorkView } from "../../lib/work.ts";
import styles from "./cut-over.module.css";

interface Names {
  readonly cluster: string;
  readonly restored: string;
  readonly kept: string;
  readonly region: string;
}

export function CutOverRun({ view }: { readonly view: WorkView }) {
  const { config } = useSystem();
  const { cluster, target, requestId } = view;
  const region = config.value?.clusters.find((each) => each.id === cluster)?.region;
  if (cluster === null || target === null || region === undefined) return null;
  const names = { cluster, restored: target, kept: keptName({ cluster, requestId }), region };
  const step = cutOverStep(view.entries);
  if (step === "completed") return <Afterwards names={names} />;
  if (isActive(view)) return null;
  if (step === "old-renamed") {
    return (
      <Notice kind="problem" title={`It stopped between the two names: nothing may have the name ${cluster}`}>
        <p>
          To finish, run the failed job again from GitHub: it knows both clusters by the id that stays, and goes on where it stopped. To go
          back instead, give the old one its name again, with rights of your own at AWS:
        </p>
        <Command text={renameCommand(region, names.kept, cluster)} />
      </Notice>
    );
  }
  if (step === "new-renamed") {
    return (
      <Notice kind="warning" title={`${cluster} is the restored cluster already, and the last step is missing`}>
        <p>
          It still carries our tags, by which a role that removes left-overs might delete it. Run the failed job again from GitHub: it takes
          them off and records the end.
        </p>
      </Notice>
    );
  }
  if (step === null) return null;
  return (
    <Notice kind="info" title={`No name was changed by what the ledger tells: ${cluster} serves as before`}>
      <p>
        {names.restored} {step === "carried" ? "has" : "may have"} the settings and tags of {cluster}, its deletion protection too if it has
        any. Run the failed job again to go on, or ask anew; to remove {names.restored} instead, switch that protection off first.
      </p>
    </Notice>
  );
}

function Afterwards({ names: { cluster, restored, kept, region } }: { readonly names: Names }) {
  return (
    <>
      <Section title="For people to do now">
        <ol className={styles.list} aria-label="To do after the cut-over">
          {CUT_OVER_CHECKLIST.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ol>
      </Section>
      <Section title="To go back">
        <p>
          Stop the writes, then rename the new cluster away and the old one back, with rights of your own at AWS. What was written to the
          new one meanwhile stays there.
        </p>
        <Command text={renameCommand(region, cluster, restored)} />
        <Command text={renameCommand(region, kept, cluster)} />
      </Section>
      <Section title="Letting go of the old cluster">
        <p>
          <code>{kept}</code> costs until a person deletes it, and no role of ours can. When nothing is missing any more, switch its
          deletion protection off and delete it with a last snapshot.
        </p>
      </Section>
    </>
  );
}

function Command({ text }: { readonly text: string }) {
  const words = text.split(" ");
  return (
    <div className={styles.command}>
      <code>
        {words.map((word, index) => (
          // Words of a command never change places.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Fragment key={index}>
            <span>{word}</span>{" "}
          </Fragment>
        ))}
      </code>
      <CopyButton text={text} label={`Copy ${text}`} iconOnly />
    </div>
  );
}
