/** The incidents that are planted into a benchmark's log: twelve that must alert, six that stay just below a threshold and must not. */
import { addressOf, type Draw, TELLING } from "./log-lines.ts";

export interface Planted {
  readonly at: number;
  readonly line: string;
}

export interface Incident {
  /** The rule and the key that must alert; null where none may. */
  readonly alert: string | null;
  readonly lines: readonly Planted[];
}

/** `count` lines, `apart` milliseconds from one to the next. */
function every(start: number, apart: number, count: number, line: (at: number, index: number) => string): readonly Planted[] {
  return Array.from({ length: count }, (_, index) => ({ at: start + index * apart, line: line(start + index * apart, index) }));
}

const ADMIN = "admin 'ada'";
const CLERK = "'mallory'";

/** One incident per start, in the order of the starts; `draw` names those who appear in them. */
export function incidents(starts: readonly number[], draw: Draw): readonly Incident[] {
  const user = (index: number): string => `planted-${index}-${draw(1_000_000)}`;
  // Apart from the addresses of everybody else.
  const attacker = (index: number): string => `203.0.113.${index}`;
  const from = (index: number): string => addressOf(0x1ff00 + index);
  const { failedInFlask, failedInSpring, refused, passwordChanged, passwordInSpring, userCreated, orderDeleted } = TELLING;
  const plans: readonly { readonly alert: string | null; readonly lines: (start: number) => readonly Planted[] }[] = [
    { alert: "mass-password-reset *", lines: (start) => every(start, 4_000, 14, (at, index) => passwordChanged(at, CLERK, user(index))) },
    { alert: null, lines: (start) => every(start, 6_000, 9, (at, index) => passwordChanged(at, CLERK, user(index))) },
    { alert: "mass-password-reset *", lines: (start) => every(start, 4_000, 14, (at, index) => passwordInSpring(at, CLERK, user(index))) },
    {
      alert: "mass-password-reset-admin *",
      lines: (start) => every(start, 4_000, 14, (at, index) => passwordChanged(at, ADMIN, user(index))),
    },
    { alert: null, lines: (start) => every(start, 12_000, 14, (at, index) => passwordInSpring(at, CLERK, user(index))) },
    { alert: "bulk-user-creation *", lines: (start) => every(start, 2_000, 25, (at, index) => userCreated(at, ADMIN, user(index))) },
    { alert: "bulk-user-creation *", lines: (start) => every(start, 1_000, 40, (at, index) => userCreated(at, CLERK, user(index))) },
    { alert: null, lines: (start) => every(start, 3_000, 19, (at, index) => userCreated(at, ADMIN, user(index))) },
    { alert: "bulk-deletion *", lines: (start) => every(start, 2_000, 25, (at, index) => orderDeleted(at, CLERK, 9_000_000 + index)) },
    { alert: "bulk-deletion *", lines: (start) => every(start, 500, 60, (at, index) => orderDeleted(at, ADMIN, 9_100_000 + index)) },
    { alert: null, lines: (start) => every(start, 3_000, 19, (at, index) => orderDeleted(at, CLERK, 9_200_000 + index)) },
    {
      alert: `repeated-auth-failure ${attacker(1)}`,
      lines: (start) => every(start, 20_000, 8, (at, index) => failedInFlask(at, user(index), attacker(1))),
    },
    {
      alert: `repeated-auth-failure ${attacker(2)}`,
      lines: (start) => every(start, 20_000, 8, (at, index) => failedInSpring(at, user(index), attacker(2))),
    },
    // An access line may be taken for one with an application's line of the same moment: more of them than are needed.
    { alert: `repeated-auth-failure ${attacker(3)}`, lines: (start) => every(start, 10_000, 20, (at) => refused(at, attacker(3))) },
    { alert: null, lines: (start) => every(start, 30_000, 4, (at, index) => failedInFlask(at, user(index), attacker(4))) },
    {
      alert: "repeated-auth-failure-account carol",
      lines: (start) => every(start, 15_000, 14, (at, index) => failedInFlask(at, "carol", from(index))),
    },
    {
      alert: "repeated-auth-failure-account dave",
      lines: (start) => every(start, 15_000, 14, (at, index) => failedInSpring(at, "dave", from(32 + index))),
    },
    { alert: null, lines: (start) => every(start, 30_000, 9, (at, index) => failedInFlask(at, "erin", from(64 + index))) },
  ];
  return plans.map(({ alert, lines }, index) => ({ alert, lines: lines(starts[index] ?? 0) }));
}
