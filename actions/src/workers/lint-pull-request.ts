import { LINT_INPUTS, parseLintRequest } from "../domain/index.ts";
import { connectGitHub } from "../github/client.ts";
import { changesOf, keepComment, readBlob } from "../github/pull-requests.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { judgePullRequest } from "./judge-pull-request.ts";
import { EXIT_CODES } from "./outcome.ts";

const MARK = "<!-- holdfast: verdicts on SQL files -->";
const NOTHING_LEFT = "No SQL file is changed any more.";

await exitWith(io, async () => {
  const [pull_request = "", directory = "", fail_on = ""] = LINT_INPUTS.map((name) => io.input(name));
  const request = parseLintRequest({ pull_request, directory, fail_on });
  const token = io.input("token");
  io.mask(token);
  const { GITHUB_API_URL: apiUrl = "https://api.github.com", GITHUB_REPOSITORY: repository = "" } = process.env;
  const github = connectGitHub({ token, apiUrl, repository });
  const { body, commented, problem } = await judgePullRequest(request, {
    changes: (number) => changesOf(github, number),
    read: (blob, limit) => readBlob(github, blob, limit),
    comment: (number, text) => keepComment(github, number, { mark: MARK, body: text, otherwise: NOTHING_LEFT }),
  });
  await io.summary(`${body ?? "No SQL file is changed."}\n`);
  if (!commented) io.info("This token may not comment, as for a fork's pull request: the verdicts are in the job's summary.");
  if (problem === null) return EXIT_CODES.completed;
  io.error(`${problem} Correct the files, or let a finding pass in the file with its reason.`);
  return EXIT_CODES.refused;
});
