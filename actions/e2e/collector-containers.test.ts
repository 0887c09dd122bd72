import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CollectorPlace, openCollectorPlace, until } from "./collector-process.ts";
import { openContainerEngine } from "./container-engine.ts";

const host = process.env.DOCKER_HOST ?? "";
const run = randomUUID().slice(0, 8);
const web = `holdfast_web_${run}`;
const worker = `holdfast_worker_${run}`;
const late = `holdfast_late_${run}`;

const CONFIG = `clusters:
  - {id: app-prod, region: eu-west-1, database: app}
apps:
  - {name: web, cluster: app-prod, containers: [${web}, ${late}]}
  - {name: worker, cluster: app-prod, containers: [test.holdfast=${run}]}
`;

/** A script that fails five logins from each address, one address after another, and then stays. */
function failing(ips: readonly string[], stay = 600): string {
  const one = (ip: string) =>
    `for i in 1 2 3 4 5; do echo "{\\"event\\":\\"auth.login_failed\\",\\"user\\":\\"${ip}-$i\\",\\"ip\\":\\"${ip}\\",\\"timestamp\\":\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\"}"; done`;
  return `${ips.map(one).join("; sleep 1; ")}; sleep ${stay}`;
}

describe.skipIf(host === "")("real containers (DOCKER_HOST)", () => {
  const engine = openContainerEngine(host === "" ? "unix:///nowhere" : host);
  let place: CollectorPlace;
  const env = { DOCKER_HOST: host };

  beforeEach(() => {
    place = openCollectorPlace(CONFIG);
  });
  afterEach(async () => {
    await place.close();
    for (const name of [web, worker, late]) await engine.remove(name);
  });

  test("two are followed through a restart, a re-creation and a kill of the collector; every incident alerts once", async () => {
    // Restarted, it says the same again, within the window: the same incident goes on.
    await engine.run(web, failing(["192.0.2.1", "192.0.2.2"]));
    await engine.run(worker, failing(["192.0.2.11"]), { labels: { "test.holdfast": run } });
    const first = place.start([], env);
    await until("what both said first", () => place.opened().length === 3);

    await engine.restart(web);
    await engine.remove(worker);
    await engine.run(worker, failing(["192.0.2.12"]), { labels: { "test.holdfast": run } });
    await until("what the re-created one says", () => place.opened().includes("192.0.2.12"));

    await first.kill();
    await engine.run(late, failing(["192.0.2.21"]), { tty: true });
    const second = place.start([], env);
    await until("what a new one says", () => place.opened().includes("192.0.2.21"));
    expect(await second.end()).toMatchObject({ code: 0 });

    expect(place.opened().toSorted()).toEqual(["192.0.2.1", "192.0.2.11", "192.0.2.12", "192.0.2.2", "192.0.2.21"]);
    const again = place.alerts().find((alert) => alert.key === "192.0.2.1" && alert.transition === "opened");
    expect(again).toMatchObject({ app: "web", cluster: "app-prod", source: web, line: 5 });
  });

  test("every line of a container is kept once, with its stamp, also across a kill in its middle", async () => {
    await engine.run(
      web,
      "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i; [ $((i % 300)) = 0 ] && sleep 1; done; printf 'no newline'",
    );
    const kept = () =>
      readdirSync(join(place.folder, "logs"))
        .filter((file) => file.startsWith(web))
        .toSorted()
        .map((file) => readFileSync(join(place.folder, "logs", file), "utf8"))
        .join("");
    for (let round = 0; round < 3; round += 1) {
      const collector = place.start([], env);
      const before = round * 600;
      await until("some lines", () => readdirSync(place.folder).includes("logs") && kept().split("\n").length > before + 300);
      await collector.kill();
    }
    await engine.ended(web);
    await place.start(["--once"], env).done;
    const lines = kept().trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ""))).toEqual([
      ...Array.from({ length: 3000 }, (_, index) => `line ${index + 1}`),
      "no newline",
    ]);
  });
});
