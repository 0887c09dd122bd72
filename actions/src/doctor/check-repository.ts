import { type Facts, isUnread } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

/** The repository itself, its secrets, and the token that the doctor was given. */
export function checkRepository(facts: Facts): readonly Finding[] {
  const { repository } = facts;
  return [
    repository.archived
      ? fail(
          "repository-archived",
          repository.name,
          "is archived: nothing runs and nothing can be recorded",
          `gh repo unarchive ${repository.name}`,
        )
      : pass("repository-archived", repository.name, "is not archived"),
    repository.defaultBranch === "main"
      ? pass("repository-default-branch", repository.name, "has main as its default branch, where the schedule runs")
      : fail(
          "repository-default-branch",
          repository.name,
          `has ${repository.defaultBranch} as its default branch: GitHub runs schedules from there, and ours is on main`,
          `gh repo edit ${repository.name} --default-branch main`,
        ),
    privacy(facts),
    repositorySecrets(facts),
    ...token(facts),
  ];
}

function privacy({ repository, config }: Facts): Finding {
  if (repository.private) return pass("privacy", repository.name, "is private, so the ledger may name people");
  if (isUnread(config)) return unknown("privacy", repository.name, config);
  return config.privacy === "strict"
    ? pass("privacy", repository.name, "is public, and privacy is strict: keyed hashes instead of names")
    : fail(
        "privacy",
        repository.name,
        "is public, and the ledger would name accounts and addresses for everybody to read",
        `Set privacy: strict in holdfast.yml, or: gh repo edit ${repository.name} --visibility private`,
      );
}

function repositorySecrets({ repository, repositorySecrets: secrets }: Facts): Finding {
  if (isUnread(secrets)) return unknown("repository-secrets", repository.name, secrets);
  return secrets.length === 0
    ? pass("repository-secrets", repository.name, "holds no secret that every branch could read")
    : fail(
        "repository-secrets",
        repository.name,
        `holds ${secrets.join(", ")} for every branch: whoever may push a branch can read them`,
        `Move them into environments, then: ${secrets.map((name) => `gh secret delete ${name} -R ${repository.name}`).join(" ; ")}`,
      );
}

function token({ token: { classicScopes, expiresAt, ofJob }, now }: Facts): readonly Finding[] {
  const on = "the doctor's token";
  const renew = "https://github.com/settings/personal-access-tokens";
  if (ofJob) return [pass("token-classic", on, "is a job's and ends with it")];
  const kind =
    classicScopes === null
      ? pass("token-classic", on, "is no classic token")
      : fail(
          "token-classic",
          on,
          `is a classic one (${classicScopes.join(", ") || "no scope"}): it reaches every repository of its owner`,
          `${renew}/new (this repository only)`,
        );
  if (expiresAt === null)
    return [kind, warn("token-expiry", on, "does not expire, as far as GitHub tells: a stolen copy would work for ever", renew)];
  const days = Math.floor((expiresAt.getTime() - now.getTime()) / DAY_MS);
  return [
    kind,
    days < SOON_DAYS
      ? warn("token-expiry", on, `expires in ${days} days`, renew)
      : pass("token-expiry", on, `expires on ${expiresAt.toISOString().slice(0, 10)}`),
  ];
}
