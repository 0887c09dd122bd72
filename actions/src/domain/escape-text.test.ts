import { describe, expect, test } from "vitest";
import { csvField, escapeHtml, escapeMarkdown, escapeSlack, workflowLogLine } from "./escape-text.ts";
import { shorten, visible } from "./visible.ts";

const HOSTILE = {
  newline: "x' from 192.0.2.1\n[2025-11-03] WARNING in portal: Failed login for 'root",
  "clear the screen": "\u001b[2J\u001b[1;1Hclean",
  "a link for terminals": "\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\",
  "an open title": "\u001b]0;never closed, and the evidence",
  "a bell and C1": "\u0007\u009b31mred\u0085",
  "text turned around": "user \u202egnp.exe\u2066\u2069",
  "zero width": "ro\u200bot\ufeff\u00ad\u{e0041}",
  "half a character": "\ud800x\udc00",
  "everyone in Slack": "<!channel> <!here> <@U012AB3CD> <https://evil.example|click> `code` *bold*",
  "a workflow command": "::error::owned",
  "masks and outputs": "::add-mask::a\r\n::set-output name=x::y",
  "the old command form": "text ##[set-env name=PATH;]evil ###[x",
  "stopping commands": "  ::stop-commands::token",
  formula: '=HYPERLINK("https://evil.example","x")',
  "formula by plus": "+cmd|' /C calc'!A0",
  "formula after a tab": "\t=1+1",
  html: `<img src=x onerror="alert(1)"><script>alert('x')</script>`,
  markdown: "[click](javascript:alert(1)) ![x](https://evil.example/p.png) # h | t",
} as const;

describe.each(Object.entries(HOSTILE))("%s", (_name, text) => {
  test("is one line of visible characters on a terminal", () => {
    expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });

  test("is no mention and no link in Slack, and reads as it was written", () => {
    expect(escapeSlack(text)).not.toMatch(/[<>]/);
    expect(escapeSlack(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")).toBe(text);
  });

  test("is no element and no attribute in HTML", () => {
    expect(escapeHtml(text)).not.toMatch(/[<>"'`]/);
  });

  test("is no command in the log of a job", () => {
    const line = workflowLogLine(text);
    expect(line).not.toMatch(/\r|\n/);
    expect(line.trimStart()).not.toMatch(/^::/);
    expect(line).not.toContain("##[");
  });

  test("is no formula and one field in CSV", () => {
    const field = csvField(text);
    expect(field).toMatch(/^"(?:[^"]|"")*"$/);
    expect(field.slice(1)).not.toMatch(/^\s*[=+\-@]/);
  });

  test("is no markup in Markdown", () => {
    expect(escapeMarkdown(text)).not.toMatch(/[[\]<>`*|!()]/);
  });
});

test("hidden characters are shown by their number", () => {
  expect(visible("a\nb\u0000\u202e\u{e0041}\u009b")).toBe("a\\x0ab\\x00\\u{202e}\\u{e0041}\\x9b");
});

test("what a terminal would not have closed is shown, not swallowed", () => {
  expect(visible(HOSTILE["an open title"])).toContain("never closed, and the evidence");
});

test("taking sequences out makes no new one", () => {
  expect(visible("\u001b\u001b[0m[31mx")).not.toContain("\u001b");
});

test("shortening says how long it was and never halves a character", () => {
  expect(shorten("short", 10)).toBe("short");
  const cut = shorten(`${"a".repeat(30)}${"\u{1f600}".repeat(30)}`, 50);
  expect(cut).toMatch(/… \(90 characters\)$/);
  expect(cut).not.toMatch(/\p{Cs}/u);
});
