import { ApiError, NotInSandbox, notFound, ok } from "./answer.ts";
import type { Artifact, Artifacts } from "./artifacts.ts";
import { linkHeader, pageOf } from "./page.ts";
import { nodeId, type View } from "./repository.ts";
import { type Call, numberIn, type Route } from "./route.ts";
import type { SignedAddresses } from "./signed-address.ts";

/** Listing and downloading what runs left behind. */

const read = { permission: "actions", level: "read" } as const;
const listParameters = ["name", "per_page", "page"];
const seconds = (at: string): string => `${at.slice(0, 19)}Z`;

export interface ArtifactRoutesDeps {
  readonly view: View;
  readonly artifacts: Artifacts;
  readonly addresses: SignedAddresses;
  readonly now: () => Date;
}

export function artifactRoutes({ view, artifacts, addresses, now }: ArtifactRoutesDeps): readonly Route[] {
  const { base, urls, repository } = view;
  const isExpired = ({ expiresAt }: Artifact) => Date.parse(expiresAt) <= now().getTime();
  const toJson = (artifact: Artifact) => ({
    id: artifact.id,
    node_id: nodeId("Artifact", artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.size,
    url: `${base}/actions/artifacts/${artifact.id}`,
    archive_download_url: `${base}/actions/artifacts/${artifact.id}/zip`,
    expired: isExpired(artifact),
    digest: artifact.digest,
    created_at: seconds(artifact.createdAt),
    updated_at: seconds(artifact.createdAt),
    expires_at: seconds(artifact.expiresAt),
    workflow_run: {
      id: artifact.runId,
      repository_id: repository.id,
      head_repository_id: artifact.headRepositoryId,
      head_branch: artifact.headBranch,
      head_sha: artifact.headSha,
    },
  });
  return [
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/artifacts",
      access: read,
      handle(call: Call) {
        const stranger = [...call.query.keys()].find((key) => !listParameters.includes(key));
        if (stranger !== undefined) throw new NotInSandbox(`The sandbox's list of artifacts has no parameter ${stranger}`);
        const name = call.query.get("name");
        const found = artifacts.list().filter((artifact) => name === null || artifact.name === name);
        const { skip, size } = pageOf(call);
        const shown = found.slice(skip, skip + size).map(toJson);
        return ok({ total_count: found.length, artifacts: shown }, linkHeader(call, urls.api, found.length));
      },
    },
    {
      method: "GET",
      path: "/repos/:owner/:repo/actions/artifacts/:artifact/zip",
      access: read,
      handle(call: Call) {
        const artifact = artifacts.find(numberIn(call.param("artifact")));
        if (artifact === undefined) throw notFound();
        if (isExpired(artifact)) throw new ApiError(410, "Artifact has expired");
        return { status: 302, headers: { Location: `${urls.api}${addresses.issue(`/_artifacts/${artifact.id}`)}` } };
      },
    },
    {
      method: "GET",
      path: "/_artifacts/:artifact",
      access: "open",
      handle(call) {
        addresses.check(call);
        const content = artifacts.read(numberIn(call.param("artifact")));
        if (content === null) throw notFound();
        return { status: 200, bytes: { type: "application/zip", content } };
      },
    },
  ];
}
