/** What runs left behind, in this repository or another that the token may read. */
import { text } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import * as z from "zod/mini";
import type { GitHub, Repository } from "./client.ts";

export interface ArtifactFacts {
  readonly id: number;
  readonly bytes: number;
  readonly createdAt: Date;
  readonly expired: boolean;
  /** The branch of the run's commit; null where GitHub does not say, and for commits of a fork, whose branches have any name they like. */
  readonly branch: string | null;
}

/** Not an archive that we would read; nothing of it was used. */
export class RefusedArchive extends Error {
  override readonly name = "RefusedArchive";
}

// GitHub's largest page; whoever pulls hourly is never that far behind.
const NEWEST = 100;

/** The newest of this name. */
export async function listArtifacts(github: GitHub, repository: Repository, name: string): Promise<readonly ArtifactFacts[]> {
  const { data } = await github.rest.actions.listArtifactsForRepo({ ...repository, name, per_page: NEWEST });
  return data.artifacts.map(({ id, size_in_bytes, created_at, expired, workflow_run }) => ({
    id,
    bytes: size_in_bytes,
    createdAt: new Date(created_at ?? 0),
    expired,
    branch:
      workflow_run != null && workflow_run.head_repository_id === workflow_run.repository_id ? (workflow_run.head_branch ?? null) : null,
  }));
}

export async function downloadArtifact(github: GitHub, repository: Repository, id: number): Promise<Buffer> {
  const { data } = await github.rest.actions.downloadArtifact({ ...repository, artifact_id: id, archive_format: "zip" });
  return Buffer.from(z.instanceof(ArrayBuffer).parse(data));
}

// An artifact of alerts holds one file; a few more are somebody's taste, hundreds are an attack on whoever lists them.
const MOST_FILES = 20;

/** The text of one file in a zip. Nothing is written to disk, and nothing larger than `limit` bytes is unpacked. Throws RefusedArchive. */
export async function readZipped(zip: Buffer, path: string, limit: number): Promise<string> {
  try {
    const archive = await fromBufferPromise(zip, { strictFileNames: true });
    if (archive.entryCount > MOST_FILES) throw new RefusedArchive(`it holds ${archive.entryCount} files; allowed: up to ${MOST_FILES}`);
    let found: string | null = null;
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName !== path) continue;
      if (found !== null) throw new RefusedArchive(`it holds ${path} twice`);
      if (entry.uncompressedSize > limit)
        throw new RefusedArchive(`${path} unpacks to ${entry.uncompressedSize} bytes; allowed: up to ${limit}`);
      // The stream fails once it gives more than the size that was just checked, so a directory that lies does not unpack a bomb.
      found = await text(await archive.openReadStreamPromise(entry));
    }
    if (found === null) throw new RefusedArchive(`it holds no ${path}`);
    return found;
  } catch (error) {
    if (error instanceof RefusedArchive) throw error;
    throw new RefusedArchive("it is no zip that can be trusted", { cause: error });
  }
}
