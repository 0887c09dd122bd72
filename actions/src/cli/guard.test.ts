import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { guard } from "./guard.ts";

let said: string;
beforeEach(() => {
  said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const run = (line: string) => guard(line.split(" "));

test("a guard, an override and a removal are printed as SQL", async () => {
  expect(await run("--table public.users --table shop.orders --max-rows 500 --max-percent 2.5 --window 5m")).toBe(0);
  expect(said.match(/on "(public"\."users|shop"\."orders)"/g)).toHaveLength(6);
  expect(said).toContain("refuse_mass_change('500', '500', '300', '2.5', '10', 'refuse')");
  said = "";
  await run("--table public.users --max-rows 500 --window-rows 9000 --observe");
  expect(said).toContain("refuse_mass_change('500', '9000', '60', '', '10', 'observe')");
  said = "";
  await run("--table public.users --lost-updates --version-column version");
  expect(said).toContain('new."version"');
  expect(said).not.toContain("refuse_mass_change");
  said = "";
  await guard([..."--override --table public.users --rows 12000 --for 15m --reason".split(" "), "CHG-1042: it's new hashes"]);
  expect(said).toContain("values ('public', 'users', 12000, clock_timestamp() + interval '900 seconds', 'CHG-1042: it''s new hashes')");
  said = "";
  await run("--remove --table public.users --lost-updates");
  expect(said).toBe(
    'drop trigger if exists holdfast_guard_stale on "public"."users";\ndrop trigger if exists holdfast_guard_version on "public"."users";\n',
  );
  said = "";
  await run("--remove --everything");
  expect(said).toBe("drop schema if exists holdfast_guard cascade;\n");
});

test.each([
  ["--table users --max-rows 5", /--table is "users"; allowed: schema\.table/],
  ["--table public. --max-rows 5", /--table is "public\."; allowed: schema\.table/],
  [`--table public.${"x".repeat(64)} --max-rows 5`, /allowed: schema\.table/],
  ["--table holdfast_guard.overrides --max-rows 5", /allowed: a table of an application/],
  ["--table public.users --table public.users --max-rows 5", /"public\.users" twice/],
  ["--max-rows 5", /--table is missing/],
  ["--table public.users", /which guard\?/],
  ["--table public.users --max-percent 5", /--max-rows is missing/],
  ["--table public.users --max-rows 0", /--max-rows is "0"; allowed: a whole number from 1/],
  ["--table public.users --max-rows 5 --max-percent 0", /--max-percent is "0"; allowed: more than 0/],
  ["--table public.users --max-rows 5 --max-percent 101", /--max-percent is "101"/],
  ["--table public.users --max-rows 5 --min-rows 3", /--min-rows is "3"; it is for --max-percent/],
  ["--table public.users --max-rows 5 --window 1500ms", /--window is "1500ms"; allowed: whole seconds/],
  ["--table public.users --max-rows 5 --window soon", /--window/],
  ["--table public.users --version-column version", /it is for --lost-updates alone/],
  ["--table public.users --lost-updates", /--version-column is missing/],
  [`--table public.users --lost-updates --version-column ${"v".repeat(58)}`, /--version-column is .*1 to 57 letters/],
  ["--table public.users --lost-updates --version-column $guard$", /--version-column is .*1 to 57 letters/],
  ["--override --table public.users --rows 5 --for 15m", /--reason is missing/],
  ["--override --table public.users --rows 5 --for 15m --reason short", /at least 10 characters/],
  ["--override --table public.users --rows 5 --for 2d --reason CHG-1042-hashes", /--for is "2d"; allowed: whole seconds up to a day/],
  ["--override --table public.users --table public.orders --rows 5 --for 15m --reason CHG-1042-hashes", /--table is given 2 times/],
  ["--override --table public.users --max-rows 5", /--max-rows does not belong to --override; allowed: --override, --table/],
  ["--remove --everything --table public.users", /--table does not belong to --remove --everything/],
  ["--remove --max-rows 5 --table public.users", /--max-rows does not belong to --remove/],
])("%s is refused, and nothing is printed", async (line, problem) => {
  await expect(run(line)).rejects.toThrow(problem);
  expect(said).toBe("");
});
