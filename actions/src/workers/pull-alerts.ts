import { PULL_INPUTS, type PullInputs, type PullRequest, parsePullRequest } from "../domain/index.ts";
import { downloadArtifact, listArtifacts } from "../github/artifacts.ts";
import { connectGitHub, repositoryOf } from "../github/client.ts";
import { actionIo as io } from "../runner/action-io.ts";
import { exitWith } from "./conduct.ts";
import { runErrand } from "./errand.ts";
import { privacyOf } from "./privacy.ts";
import { pullAlerts } from "./pull-alerts-from.ts";

await exitWith(io, () =>
  runErrand<PullInputs, PullRequest>(io, {
    work: "alerts",
    inputNames: PULL_INPUTS,
    parse: parsePullRequest,
    async perform(request, { config, installation, journal }) {
      const { github, origin } = installation;
      const here = `${github.repository.owner}/${github.repository.repo}`;
      const elsewhere = connectElsewhere(here);
      const reader = (repository: string) => (repository === here ? github : (elsewhere ?? github));
      return pullAlerts(request, {
        config,
        journal,
        origin,
        here,
        privacy: privacyOf(io, config),
        list: (repository) => listArtifacts(reader(repository), repositoryOf(repository), config.pull.artifact),
        download: (repository, id) => downloadArtifact(reader(repository), repositoryOf(repository), id),
        now: () => new Date(),
      });
    },
  }),
);

/** A job's own token ends at its repository; reading another one's artifacts takes a token that was made for it. */
function connectElsewhere(repository: string) {
  const token = process.env.PULL_TOKEN;
  if (!token) return null;
  io.mask(token);
  return connectGitHub({ token, apiUrl: process.env.GITHUB_API_URL ?? "https://api.github.com", repository });
}
