/** Everything the screens show, read in one place and polled at one pace: configuration, inventory, ledger, runs, and the state they add up to. */
import {
  type Cluster,
  COLLECTOR_FOLDER,
  type CollectorHealth,
  type Config,
  collectorHealthSchema,
  type Inventory,
  inventorySchema,
  parse,
  parseConfig,
  type SystemState,
} from "@holdfast/actions/domain";
import { type Query, type UseQueryResult, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { type Deployment, storageKey } from "../config/deployment.ts";
import { type GitHub, type Run, WORKS, type Work } from "./github.ts";
import { type LedgerReading, nextRemembered, readLedger } from "./read-ledger.ts";
import { clusterState, type Source } from "./readings.ts";
import { readRememberedHead, writeRememberedHead } from "./remembered-head.ts";
import type { Session } from "./session.ts";
import type { TimeView } from "./show-instant.ts";
import { useNow } from "./use-now.ts";
import { isActive, isRunning, unexplainedRuns, type WorkView, workViews } from "./work.ts";

// GitHub allows 5 000 questions an hour and answers an unchanged one for free: a quiet page asks a few times a minute, a watched run every 5 s.
const QUIET_MS = 30_000;
const WATCHED_MS = 5_000;
// Three polls missed in a row.
const LIMIT_MS = 3 * QUIET_MS;
// Promotions are rare.
const CONFIG_MS = 5 * 60_000;
// Fine enough for "12 s ago" in the state's sentences without redrawing the page every second.
const STATE_TICK_MS = 5_000;
// GitHub lists a dispatched run within seconds; for this long the page looks often.
const EXPECT_MS = 180_000;

/** Work that this tab has sent and GitHub may not list yet. */
export interface Sent {
  readonly work: Work;
  readonly lane: string;
  readonly requestId: string;
  readonly title: string;
  readonly at: Date;
  readonly url: string | null;
}

export interface System {
  readonly deployment: Deployment;
  readonly session: Session;
  readonly config: Source<Config | null>;
  readonly inventory: Source<Inventory | null>;
  readonly ledger: Source<LedgerReading>;
  readonly collectors: Source<readonly CollectorHealth[]>;
  readonly runs: Source<readonly Run[]>;
  readonly work: readonly WorkView[];
  readonly sent: readonly Sent[];
  readonly noteSent: (sent: Sent) => void;
  /** The cluster that is looked at; null before the configuration is read. */
  readonly cluster: Cluster | null;
  readonly chooseCluster: (id: string) => void;
  /** Null while a first answer is on its way, or without a configuration. */
  readonly stateOf: (cluster: Cluster) => SystemState | null;
  /** The oldest of the readings that the state rests on. */
  readonly asOf: Date | null;
  readonly timeView: TimeView;
  readonly setTimeView: (view: TimeView) => void;
  readonly refresh: () => void;
}

const SystemContext = createContext<System | null>(null);

export function useSystem(): System {
  const system = useContext(SystemContext);
  if (system === null) throw new Error("useSystem needs a SystemProvider above it");
  return system;
}

interface ProviderProps {
  readonly deployment: Deployment;
  readonly session: Session;
  readonly children: ReactNode;
}

export function SystemProvider({ deployment, session, children }: ProviderProps) {
  const { github } = session;
  const now = useNow(STATE_TICK_MS);
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const [timeView, setTimeView] = useTimeView(deployment);

  const config = useQuery({ queryKey: ["config"], queryFn: () => readConfig(github, deployment.branch), refetchInterval: CONFIG_MS });
  const [sent, setSent] = useState<readonly Sent[]>([]);
  const expecting = (list: readonly Run[] | undefined) =>
    sent.some(({ requestId, at }) => now.getTime() - at.getTime() < EXPECT_MS && !list?.some((run) => run.title.includes(requestId)));
  const paceOf = (list: readonly Run[] | undefined) => (list?.some(isRunning) || expecting(list) ? WATCHED_MS : QUIET_MS);
  const runs = useQuery({ queryKey: ["runs"], queryFn: () => readRuns(github), refetchInterval: (query) => paceOf(query.state.data) });
  const pace = paceOf(runs.data);
  const inventory = useQuery({ queryKey: ["inventory"], queryFn: () => readInventory(github), refetchInterval: pace });
  const collectors = useQuery({
    queryKey: ["collectors"],
    queryFn: () => readCollectors(cachedBlobs(queries, github)),
    refetchInterval: QUIET_MS,
  });
  const head = useQuery({ queryKey: ["ledger-head"], queryFn: () => github.branchHead("ledger"), refetchInterval: pace });
  const ledger = useQuery({
    queryKey: ["ledger", head.data ?? null],
    enabled: head.data !== undefined,
    queryFn: () => verifyLedger(deployment, cachedBlobs(queries, github), head.data ?? null),
    // A commit never changes; only a remembered head that was forgotten asks again, and what could not be read.
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: untilRead(pace),
  });

  const shown = useLastReading(ledger.data, head.dataUpdatedAt);
  const ledgerSource: Source<LedgerReading> = { ...shown, error: head.error ?? ledger.error, limitMs: LIMIT_MS };
  const sources = {
    config: sourceOf(config, CONFIG_MS * 3),
    inventory: sourceOf(inventory, LIMIT_MS),
    ledger: ledgerSource,
    collectors: sourceOf(collectors, LIMIT_MS),
    runs: sourceOf(runs, LIMIT_MS),
  };
  const entries = shown.value?.verdict.entries;
  const unread = useMemo(() => unexplainedRuns(entries ?? [], runs.data ?? []), [entries, runs.data]);
  const rejected = useQueries({
    queries: unread.map((id) => ({
      queryKey: ["reviews", id],
      queryFn: () => github.reviews(id),
      staleTime: Number.POSITIVE_INFINITY,
      refetchInterval: untilRead(QUIET_MS),
    })),
    combine: (reviews) => unread.filter((_, index) => reviews[index]?.data?.at(-1)?.decision === "rejected"),
  });
  const work = useMemo(
    () =>
      workViews(entries ?? [], runs.data ?? [], {
        runsReadAt: runs.dataUpdatedAt === 0 ? null : new Date(runs.dataUpdatedAt),
        rejected: new Set(rejected),
      }),
    [entries, runs.data, runs.dataUpdatedAt, rejected],
  );
  const clusters = config.data?.clusters ?? [];
  const times = [sources.inventory.readAt, sources.ledger.readAt].flatMap((at) => (at === null ? [] : [at.getTime()]));

  const system: System = {
    deployment,
    session,
    ...sources,
    work,
    sent,
    noteSent: (each) => {
      setSent((before) => [each, ...before]);
      void queries.refetchQueries({ queryKey: ["runs"] });
    },
    cluster: clusters.find((each) => each.id === chosen) ?? clusters[0] ?? null,
    chooseCluster: setChosen,
    stateOf: (cluster) =>
      config.data
        ? clusterState(cluster, config.data, { ...sources, ledger: { ...ledgerSource, value: shown.value?.verdict } }, now)
        : null,
    asOf: times.length === 0 ? null : new Date(Math.min(...times)),
    timeView,
    setTimeView,
    refresh: () => void queries.refetchQueries({ predicate: mayHaveChanged }),
  };
  return <SystemContext value={system}>{children}</SystemContext>;
}

/** The cluster being looked at, its view in the inventory, and the work on it. */
export function useCluster() {
  const { cluster, inventory, work } = useSystem();
  return {
    cluster,
    view: inventory.value?.clusters.find((each) => each.id === cluster?.id) ?? null,
    work: work.filter((each) => each.cluster === cluster?.id),
    active: work.filter((each) => each.cluster === cluster?.id && isActive(each)),
  };
}

/** What never changes is asked for again only while it could not be read. */
function untilRead(pace: number) {
  return ({ state }: { readonly state: { readonly status: string } }): number | false => (state.status === "error" ? pace : false);
}

/** What was read of a commit stays as it is; a commit that could not be read may be readable by now. */
function mayHaveChanged({ queryKey: [what], state }: Query): boolean {
  return what === "ledger" ? state.status === "error" : what !== "blob";
}

async function readConfig(github: GitHub, branch: string): Promise<Config | null> {
  const text = await github.file("actions/dist/config.json", branch);
  return text === null ? null : parseConfig(JSON.parse(text));
}

async function readInventory(github: GitHub): Promise<Inventory | null> {
  const text = await github.file("inventory.json", "status");
  return text === null ? null : parse(inventorySchema, JSON.parse(text), "inventory.json");
}

async function readCollectors(source: Pick<GitHub, "tree" | "blob">): Promise<readonly CollectorHealth[]> {
  const files = ((await source.tree("status")) ?? []).filter((file) => file.path.startsWith(COLLECTOR_FOLDER));
  return Promise.all(files.map(async ({ path, sha }) => parse(collectorHealthSchema, JSON.parse(await source.blob(sha)), path)));
}

async function readRuns(github: GitHub): Promise<readonly Run[]> {
  const lists = await Promise.all(WORKS.map((work) => github.runs(work)));
  return lists.flat();
}

async function verifyLedger(deployment: Deployment, source: Pick<GitHub, "tree" | "blob">, commit: string | null): Promise<LedgerReading> {
  const remembered = readRememberedHead(deployment);
  const reading = await readLedger(source, commit, remembered);
  const next = nextRemembered(reading.verdict, remembered);
  if (next !== undefined && next !== remembered) writeRememberedHead(deployment, next, new Date());
  return reading;
}

/** A blob's name is the hash of its content: once read it is never asked for again. */
function cachedBlobs(queries: ReturnType<typeof useQueryClient>, github: GitHub): Pick<GitHub, "tree" | "blob"> {
  return {
    tree: (ref) => github.tree(ref),
    blob: (sha) =>
      queries.fetchQuery({
        queryKey: ["blob", sha],
        queryFn: () => github.blob(sha),
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: Number.POSITIVE_INFINITY,
      }),
  };
}

/**
 * The newest reading, as fresh as the last look at the branch that found its commit. While a newer commit is read, or cannot be, the one before
 * stays with its own age.
 */
function useLastReading(reading: LedgerReading | undefined, lookedAt: number): Pick<Source<LedgerReading>, "value" | "readAt"> {
  const [last, setLast] = useState<Pick<Source<LedgerReading>, "value" | "readAt">>({ value: undefined, readAt: null });
  useEffect(() => {
    if (reading !== undefined) setLast({ value: reading, readAt: new Date(lookedAt) });
  }, [reading, lookedAt]);
  return last;
}

function sourceOf<T>(query: UseQueryResult<T>, limitMs: number): Source<T> {
  return {
    value: query.data,
    readAt: query.dataUpdatedAt === 0 ? null : new Date(query.dataUpdatedAt),
    error: query.error,
    limitMs,
  };
}

function useTimeView(deployment: Deployment): readonly [TimeView, (view: TimeView) => void] {
  const key = storageKey(deployment, "time");
  const [view, setView] = useState<TimeView>(() => (localStorage.getItem(key) === "local" ? "local" : "utc"));
  return [
    view,
    (next) => {
      localStorage.setItem(key, next);
      setView(next);
    },
  ];
}
