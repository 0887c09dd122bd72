/** Logging in as a visitor would, each time as a stranger: what an earlier login left behind must let nobody in. */
import { Parser } from "htmlparser2";

/** Whether this name and password are let in; `mark` stands in the query, where an access log shows it. Throws where the answer says neither. */
export type Login = (name: string, password: string, mark?: string) => Promise<boolean>;

interface JsonLogin {
  readonly url: URL;
  readonly nameField: string;
  readonly limitMs: number;
}

interface FormLogin extends JsonLogin {
  readonly passwordField: string;
  /** Where the form is shown: its cookies and hidden fields (a token against forged requests) are sent along. */
  readonly page: URL;
  /** Where a refused login is redirected to. */
  readonly failsTo: URL;
}

/** 2xx lets in, any other answer below 500 does not. */
export function jsonLogin({ url, nameField, limitMs }: JsonLogin): Login {
  return async (name, password, mark) => {
    const body = JSON.stringify({ [nameField]: name, password });
    const answer = await post(marked(url, mark), { "content-type": "application/json" }, body, limitMs);
    await answer.body?.cancel();
    return answer.ok;
  };
}

/** Lets in: a redirect to anywhere but `failsTo`, or 2xx without the form. Flask's habit is to show the form again with 200, Spring Security's to redirect to it. */
export function formLogin({ url, page, failsTo, nameField, passwordField, limitMs }: FormLogin): Login {
  return async (name, password, mark) => {
    const shown = await fetch(page, { redirect: "manual", signal: AbortSignal.timeout(limitMs) });
    const fields = new URLSearchParams(hiddenFields(await shown.text()));
    fields.set(nameField, name);
    fields.set(passwordField, password);
    const cookie = shown.headers.getSetCookie().map((line) => line.split(";", 1).join());
    const headers = { "content-type": "application/x-www-form-urlencoded", ...(cookie.length > 0 ? { cookie: cookie.join("; ") } : {}) };
    const answer = await post(marked(url, mark), headers, fields.toString(), limitMs);
    const text = await answer.text();
    if (answer.ok) return !inputs(text).some(({ name }) => name === passwordField);
    const to = answer.headers.get("location");
    return answer.status < 400 && to !== null && !leadsTo(new URL(to, url), failsTo);
  };
}

async function post(url: URL, headers: Readonly<Record<string, string>>, body: string, limitMs: number): Promise<Response> {
  const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(limitMs) });
  if (answer.status >= 500) throw new Error(`the login was answered ${answer.status}`);
  return answer;
}

function marked(url: URL, mark: string | undefined): URL {
  if (mark === undefined) return url;
  const copy = new URL(url);
  copy.searchParams.set("holdfast-contract", mark);
  return copy;
}

/** By path alone, because a proxy may rename host and scheme; by the query too where one was named. */
function leadsTo(to: URL, failsTo: URL): boolean {
  return to.pathname === failsTo.pathname && (failsTo.search === "" || to.search === failsTo.search);
}

function hiddenFields(html: string): readonly [string, string][] {
  const hidden = inputs(html).filter(({ type }) => type?.toLowerCase() === "hidden");
  return hidden.flatMap(({ name, value }): [string, string][] => (name === undefined ? [] : [[name, value ?? ""]]));
}

type Attributes = Readonly<Record<string, string | undefined>>;

/** Of the page's inputs, in their order; names in lower case, values decoded. */
function inputs(html: string): readonly Attributes[] {
  const found: Attributes[] = [];
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === "input") found.push(attributes);
    },
  });
  parser.end(html);
  return found;
}
