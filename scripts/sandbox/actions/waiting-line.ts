/** Who may go and who waits: a concurrency group is a line with one place at its front, the runners are a line with several. */
export interface Ticket {
  /** How long the line may get: `single` keeps the newest waiting one only, `max` up to a hundred in order of arrival. */
  readonly queue: "single" | "max" | "endless";
  readonly cancelInProgress: boolean;
  /** Told while in front, when a newcomer with `cancelInProgress` arrives. */
  onSuperseded(): void;
}

export interface Seat {
  readonly admitted: Promise<"admitted" | "superseded" | "withdrawn">;
  waiting(): boolean;
  /** Gives the place up, from the front or from the line; doing it twice is harmless. */
  leave(): void;
}

export interface WaitingLine {
  enter(ticket: Ticket): Seat;
}

/** GitHub's length of a `queue: max`; what comes on top is cancelled. */
const LONGEST_QUEUE = 100;

interface Member {
  readonly ticket: Ticket;
  resolve(outcome: "admitted" | "superseded" | "withdrawn"): void;
}

export function createWaitingLine(places: number): WaitingLine {
  const front = new Set<Member>();
  let line: readonly Member[] = [];

  const advance = (): void => {
    const [next, ...rest] = line;
    if (next === undefined || front.size >= places) return;
    line = rest;
    front.add(next);
    next.resolve("admitted");
    advance();
  };

  const supersede = (members: readonly Member[]): void => {
    line = line.filter((member) => !members.includes(member));
    for (const member of members) member.resolve("superseded");
  };

  return {
    enter(ticket) {
      let settle: Member["resolve"] = () => {};
      const admitted = new Promise<"admitted" | "superseded" | "withdrawn">((resolve) => {
        settle = resolve;
      });
      const member: Member = { ticket, resolve: settle };
      if (ticket.queue === "single") supersede(line);
      if (ticket.cancelInProgress) for (const running of front) running.ticket.onSuperseded();
      line = [...line, member];
      advance();
      if (ticket.queue === "max" && line.length > LONGEST_QUEUE) supersede([member]);
      return {
        admitted,
        waiting: () => line.includes(member),
        leave() {
          if (line.includes(member)) {
            line = line.filter((other) => other !== member);
            member.resolve("withdrawn");
          }
          front.delete(member);
          advance();
        },
      };
    },
  };
}

/** Groups by name; GitHub does not distinguish upper and lower case in it. */
export function createGroups(): (name: string) => WaitingLine {
  const lines = new Map<string, WaitingLine>();
  return (name) => {
    const key = name.toLowerCase();
    const line = lines.get(key) ?? createWaitingLine(1);
    lines.set(key, line);
    return line;
  };
}
