/**
 * The only room that imports octokit. It turns GitHub's API into the few questions the workers ask, and its failures into sentences that say
 * what to do. It decides nothing about recovery.
 */
import { GraphqlResponseError } from "@octokit/graphql";
import { throttling } from "@octokit/plugin-throttling";
import { RequestError } from "@octokit/request-error";
import { Octokit } from "@octokit/rest";

const ThrottledOctokit = Octokit.plugin(throttling);

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

export type GitHub = InstanceType<typeof ThrottledOctokit> & { readonly repository: Repository };

// Secondary limits ask for a pause of a minute or so; three pauses later the run has better things to do than wait.
const RETRIES = 3;
// An exhausted hourly limit may last most of an hour: a job that waited for it would look alive and do nothing, so it ends and says why.
const LONGEST_LIMIT_S = 120;

// A hiccup of GitHub's is over within seconds; a longer one is for whoever asked to judge. Pauses of 0.5, 1 and 2 s lie between the tries.
const TRIES = 4;
const PAUSE_MS = 500;

/** `repository` is `owner/name`. Throws RangeError when it is not. */
export function connectGitHub(settings: { readonly token: string; readonly apiUrl: string; readonly repository: string }): GitHub {
  const repository = repositoryOf(settings.repository);
  const octokit = new ThrottledOctokit({
    auth: settings.token,
    baseUrl: settings.apiUrl,
    userAgent: "holdfast",
    // Octokit prints every refused request; here a 404 is often just the answer, and what is not is reported by whoever asked.
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    throttle: {
      onRateLimit: (after, _options, _octokit, retries) => after <= LONGEST_LIMIT_S && retries < RETRIES,
      onSecondaryRateLimit: (after, _options, _octokit, retries) => after <= LONGEST_LIMIT_S && retries < RETRIES,
    },
  });
  octokit.hook.wrap("request", async (request, options) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(options);
      } catch (error) {
        if (attempt === TRIES || !isPassing(error) || !isRepeatable(options.url)) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (attempt - 1)));
      }
    }
  });
  return Object.assign(octokit, { repository });
}

export function repositoryOf(name: string): Repository {
  const [owner, repo, ...rest] = name.split("/");
  if (!owner || !repo || rest.length > 0) throw new RangeError(`repository is ${JSON.stringify(name)}; allowed: owner/name`);
  return { owner, repo };
}

function ignore(): void {}

// A dispatch whose answer was lost may have started a run; a mutation's author reads the branch before trying again. All else is read or lands once.
function isRepeatable(url: string): boolean {
  return !url.endsWith("/dispatches") && !url.endsWith("/graphql");
}

/** The HTTP status of a refused request, or null when there was no answer at all. */
export function statusOf(error: unknown): number | null {
  return error instanceof RequestError ? error.status : null;
}

/**
 * Whether asking again could help: GitHub was unwell (5xx) or no answer came, so the request may even have been carried out. A refusal stays one.
 */
export function isPassing(error: unknown): boolean {
  if (error instanceof GraphqlResponseError) return false;
  const status = statusOf(error);
  return status === null || status >= 500;
}

/** Resolves to null where GitHub says 404. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}
