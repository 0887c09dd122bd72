import { expect, test } from "vitest";
import { runbookLink } from "./runbook-link.ts";

const deployment = { owner: "acme", repository: "holdfast", apiUrl: "https://api.github.com", branch: "production" };

test("a path is a file of the promoted branch", () => {
  expect(runbookLink("docs/runbooks/bulk-deletion.md", deployment)).toBe(
    "https://github.com/acme/holdfast/blob/production/docs/runbooks/bulk-deletion.md",
  );
  expect(runbookLink("docs/a.md", { ...deployment, apiUrl: "https://git.acme.example/api/v3" })).toBe(
    "https://git.acme.example/acme/holdfast/blob/production/docs/a.md",
  );
  expect(runbookLink("docs/a.md", { ...deployment, apiUrl: "http://127.0.0.1:8421" })).toBeNull();
});

test("a team's own address is a link only where it is https", () => {
  expect(runbookLink("https://wiki.acme.example/sign-in", deployment)).toBe("https://wiki.acme.example/sign-in");
});

test.each(["javascript:alert(1)", "http://wiki.acme.example", "data:text/html,x", "//evil.example/x", "../../../settings", "a b"])(
  "%s is no link",
  (runbook) => {
    expect(runbookLink(runbook, deployment)).toBeNull();
  },
);
