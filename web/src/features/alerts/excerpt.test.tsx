import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Excerpt } from "./excerpt.tsx";

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><svg/onload=alert(1)>',
  "[click](javascript:alert(1))",
  "</code></li></ol><a href=https://evil.example>Sign in again</a>",
  "{{constructor.constructor('alert(1)')()}}",
  "::set-output name=x::y",
  "\u001b[2J\u001b[31mred\u0007",
  "safe\u202etxt.exe",
  "one\r\ntwo\u2028three",
  "a\u0000b\u200bc",
];

// What a renderer may not see in such a line as anything but a character to show.
const HIDDEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

test.each(HOSTILE.map((line) => [JSON.stringify(line), line]))("%s is text and nothing else", (_, line) => {
  const inert = renderToStaticMarkup(<Excerpt lines={["an ordinary line"]} crossing={1} />);
  const markup = renderToStaticMarkup(<Excerpt lines={[line]} crossing={1} />);
  const tagsOf = (text: string) => text.match(/<[^>]*>/g);
  expect(tagsOf(markup)).toEqual(tagsOf(inert));
  expect(markup).not.toMatch(HIDDEN);
});
