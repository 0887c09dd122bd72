import { describe, expect, test } from "vitest";
import { alertDraft, discreetAlert } from "./alert-entries.ts";
import { alertViews } from "./alert-reading.ts";
import type { Alert } from "./alerts.ts";
import { chain, type Draft, EMPTY_HEAD, type Entry } from "./ledger.ts";
import { endDraft, expiredDrafts, matches, overridesInForce, silencesInForce, suppressionOf, suppressionsOf } from "./suppressions.ts";

const NOW = new Date("2026-11-20T12:00:00.000Z");
const WRITER = { actor: "collector", run: "local", now: NOW };
const OPEN: Alert = {
  v: 1,
  id: "mass-password-reset-0123456789abcdef",
  transition: "opened",
  rule: "mass-password-reset",
  severity: "HIGH",
  app: "web",
  cluster: "app-prod",
  key: "web",
  openedAt: "2026-11-20T11:00:09.000Z",
  firstEventAt: "2026-11-20T11:00:00.000Z",
  lastEventAt: "2026-11-20T11:00:09.000Z",
  endedAt: null,
  count: 10,
  threshold: 10,
  within: "60s",
  source: "flask_web_1",
  line: 210,
  excerpt: ["Password changed for user 'bob' from 203.0.113.10"],
  hiddenBy: null,
};
const over = (alert: Alert, count = 40): Alert => ({ ...alert, transition: "ended", endedAt: "2026-11-20T11:02:00.000Z", count });

function told(alert: Alert): Draft {
  const draft = alertDraft(alert, WRITER, { mode: "private" });
  if (draft === null) throw new Error("an update is not told");
  return draft;
}

function answered(kind: "alert.acknowledged" | "alert.resolved", id = OPEN.id, actor = "alice"): Draft {
  const at = "2026-11-20T11:10:00.000Z";
  return {
    id: `${id}:${kind.slice(6)}`,
    at,
    kind,
    incident: id,
    actor,
    run: "7/1",
    reason: "Looking into it now",
    data: { requestId: "r" },
  };
}

function started(
  kind: "silence" | "override",
  id: string,
  changes: Partial<{ matcher: Record<string, string>; until: string; at: string }> = {},
): Draft {
  const { matcher = { rule: "bulk-deletion" }, until = "2026-11-20T13:00:00.000Z", at = "2026-11-20T10:00:00.000Z" } = changes;
  const data = { requestId: id, matcher, until, ...(kind === "override" ? { gate: "environment override: bob" } : {}) };
  return { id: `${id}:started`, at, kind: `${kind}.started`, actor: "alice", run: "8/1", reason: "Clearing test accounts", data };
}

const ledgerOf = (...drafts: readonly Draft[]): readonly Entry[] => chain(EMPTY_HEAD, drafts);
const statusesOf = (...drafts: readonly Draft[]) => alertViews(ledgerOf(...drafts), NOW).map((view) => view.status);

describe("where an alert stands", () => {
  const low: Alert = { ...OPEN, severity: "MEDIUM" };
  test.each<[string, readonly Draft[], string]>([
    ["nobody looked", [told(OPEN)], "open"],
    ["a HIGH one whose burst stopped has still done its damage", [told(OPEN), told(over(OPEN))], "open"],
    ["a HIGH one that late lines withdrew never was", [told(OPEN), told({ ...over(OPEN), withdrawn: "late lines" })], "ended"],
    [
      "a HIGH one that somebody else's artifact withdraws is still everybody's",
      [told(OPEN), { ...told({ ...over(OPEN), withdrawn: "late lines" }), actor: "a-stranger" }],
      "open",
    ],
    ["a MEDIUM one ends with what it counts", [told(low), told(over(low))], "ended"],
    ["somebody looks into it", [told(OPEN), answered("alert.acknowledged")], "acknowledged"],
    ["a HIGH one stays acknowledged when its burst stops", [told(OPEN), answered("alert.acknowledged"), told(over(OPEN))], "acknowledged"],
    ["a person resolved it", [told(OPEN), answered("alert.resolved")], "ended"],
    ["resolved and told again as over", [told(OPEN), answered("alert.resolved"), told(over(OPEN))], "ended"],
  ])("%s", (_what, drafts, status) => {
    expect(statusesOf(...drafts)).toEqual([status]);
  });

  test("who did what, when, in which words, and the final count", () => {
    const [view] = alertViews(ledgerOf(told(OPEN), answered("alert.acknowledged"), told(over(OPEN))), NOW);
    expect(view).toMatchObject({
      alert: { count: 40, key: "web" },
      overSince: "2026-11-20T11:02:00.000Z",
      acknowledged: { by: "alice", at: "2026-11-20T11:10:00.000Z", note: "Looking into it now" },
      resolved: null,
    });
  });

  test("an end whose opening was lost is still an alert", () => {
    expect(statusesOf(told(over(OPEN)))).toEqual(["open"]);
  });

  test("an answer to an alert that the ledger does not know, and an entry whose data is no alert, make none", () => {
    const odd = { ...told(OPEN), id: "odd", data: { rule: "x" } };
    expect(statusesOf(answered("alert.acknowledged", "bulk-deletion-0"), odd)).toEqual([]);
  });

  test("newest first", () => {
    const later = { ...OPEN, id: "bulk-deletion-1", openedAt: "2026-11-20T11:30:00.000Z" };
    expect(alertViews(ledgerOf(told(OPEN), told(later)), NOW).map((view) => view.alert.id)).toEqual([later.id, OPEN.id]);
  });
});

describe("silences and overrides", () => {
  const hidden: Alert = { ...OPEN, id: "bulk-deletion-2", rule: "bulk-deletion", hiddenBy: "s1" };

  test("in force until their end, each with what it hid so far", () => {
    const entries = ledgerOf(started("silence", "s1"), started("override", "o1"), told(hidden));
    expect(silencesInForce(entries, NOW)).toMatchObject([
      { id: "s1", by: "alice", reason: "Clearing test accounts", bill: { alerts: 1, occurrences: 10, alertIds: [hidden.id] } },
    ]);
    expect(overridesInForce(entries, NOW)).toMatchObject([{ id: "o1", gate: "environment override: bob", bill: { alerts: 0 } }]);
    const after = new Date("2026-11-20T13:00:00.000Z");
    expect([silencesInForce(entries, after), overridesInForce(entries, after)]).toEqual([[], []]);
  });

  test("one whose time ran out says so once, with its bill, for the ledger", () => {
    const after = new Date("2026-11-20T13:30:00.000Z");
    const entries = ledgerOf(started("silence", "s1"), told(hidden), told(over(hidden, 25)));
    const drafts = expiredDrafts(entries, { actor: "bot", run: "9/1", now: after });
    expect(drafts).toMatchObject([
      { id: "s1:ended", kind: "silence.ended", data: { endedAt: "2026-11-20T13:00:00.000Z", bill: { alerts: 1, occurrences: 25 } } },
    ]);
    const ended = [...entries, ...chain({ seq: 3, hash: entries.at(-1)?.hash ?? "" }, drafts)];
    expect(expiredDrafts(ended, { actor: "bot", run: "9/1", now: after })).toEqual([]);
    expect(suppressionsOf(ended, after)[0]?.ended).toEqual({ at: "2026-11-20T13:00:00.000Z", by: null, reason: "Its time ran out" });
  });

  test("one that a person ended is over, and an alert that outlived it joins the bill", () => {
    const entries = ledgerOf(started("silence", "s1"), told(hidden));
    const [silence] = silencesInForce(entries, NOW);
    if (silence === undefined) throw new Error("the silence is in force");
    const end = endDraft(silence, { ...WRITER, actor: "bob", reason: "The work is over", at: NOW.toISOString(), expired: false });
    const all = ledgerOf(started("silence", "s1"), told(hidden), end, told(over(hidden, 99)));
    expect(suppressionsOf(all, NOW)).toMatchObject([
      { ended: { by: "bob", reason: "The work is over" }, bill: { alerts: 1, occurrences: 99 } },
    ]);
  });

  test("a hidden alert is hidden, until what hides it ends while it goes on", () => {
    expect(statusesOf(started("silence", "s1"), told(hidden))).toEqual(["hidden"]);
    expect(statusesOf(started("silence", "s1"), told(hidden), told(over(hidden)))).toEqual(["hidden"]);
    expect(statusesOf(started("silence", "s1", { until: "2026-11-20T11:30:00.000Z" }), told(hidden))).toEqual(["open"]);
  });

  test("an open alert stays open when a silence begins; the view says who muted it", () => {
    const [view] = alertViews(ledgerOf(told(OPEN), started("silence", "s1", { matcher: { app: "web" } })), NOW);
    expect(view).toMatchObject({ status: "open", mutedBy: { id: "s1" } });
  });

  test("every field given must fit, and an override goes before a silence", () => {
    expect(matches({ rule: "bulk-deletion", app: "web" }, hidden)).toBe(true);
    expect(matches({ rule: "bulk-deletion", app: "api" }, hidden)).toBe(false);
    expect(matches({ severity: "LOW" }, hidden)).toBe(false);
    const both = suppressionsOf(ledgerOf(started("silence", "s1"), started("override", "o1")), NOW);
    expect(suppressionOf(hidden, both, NOW)?.id).toBe("o1");
    expect(suppressionOf(hidden, both, new Date("2026-11-20T13:00:00.000Z"))).toBeNull();
    expect(suppressionOf({ ...hidden, rule: "bulk-user-creation" }, both, NOW)).toBeNull();
  });
});

describe("what the ledger may know about people", () => {
  const byAddress: Alert = { ...OPEN, rule: "repeated-auth-failure", key: "203.0.113.10" };

  test("in strict mode neither address nor excerpt, and the same address has the same hash", () => {
    const strict = { mode: "strict", secret: "a key of this installation" } as const;
    const draft = alertDraft(byAddress, WRITER, strict);
    expect(JSON.stringify(draft)).not.toContain("203.0.113");
    expect(draft?.data.key).toMatch(/^keyed-[0-9a-f]{16}$/);
    expect(discreetAlert(byAddress, strict).key).toBe(draft?.data.key);
    expect(discreetAlert(byAddress, { mode: "strict", secret: "another" }).key).not.toBe(draft?.data.key);
  });

  test("without a key of its own nothing is kept that could be guessed; an app's name stays", () => {
    const strict = { mode: "strict", secret: null } as const;
    expect(discreetAlert(byAddress, strict)).toMatchObject({ key: "hidden", excerpt: [] });
    expect(discreetAlert(OPEN, strict).key).toBe("web");
  });

  test("a hash that people or artifacts hand back stays what it is", () => {
    const strict = { mode: "strict", secret: "a key of this installation" } as const;
    const once = discreetAlert(byAddress, strict);
    expect(discreetAlert(once, strict)).toEqual(once);
  });

  test("updates are not for the ledger", () => {
    expect(alertDraft({ ...OPEN, transition: "updated" }, WRITER, { mode: "private" })).toBeNull();
  });
});
