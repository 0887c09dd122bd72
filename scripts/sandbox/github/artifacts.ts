import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readStored, writeStored } from "./stored-file.ts";

/** What runs leave behind: a zip each, with a name that is unique within the attempt and never changes. */

export interface NewArtifact {
  readonly runId: number;
  readonly attempt: number;
  readonly name: string;
  readonly zip: Buffer;
  readonly retentionDays: number;
  readonly headBranch: string;
  readonly headSha: string;
  /** The repository that the run's commit came from; another one for a pull request out of a fork. */
  readonly headRepositoryId: number;
}

export interface Artifact extends Omit<NewArtifact, "zip" | "retentionDays"> {
  readonly id: number;
  readonly size: number;
  readonly digest: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface Artifacts {
  add(artifact: NewArtifact): Artifact;
  find(id: number): Artifact | undefined;
  /** Newest first. */
  list(): readonly Artifact[];
  read(id: number): Buffer | null;
}

const first = 6_100_000_000;
const dayMs = 24 * 60 * 60 * 1000;

export function openArtifacts(folder: string, now: () => Date): Artifacts {
  const index = join(folder, "artifacts.json");
  const content = join(folder, "artifacts");
  mkdirSync(content, { recursive: true });
  let kept: readonly Artifact[] = readStored<readonly Artifact[]>(index, []);
  const fileOf = (id: number) => join(content, `${id}.zip`);
  const find = (id: number) => kept.find((artifact) => artifact.id === id);
  return {
    find,
    list: () => kept,
    add({ zip, retentionDays, ...artifact }) {
      if (kept.some((other) => other.runId === artifact.runId && other.attempt === artifact.attempt && other.name === artifact.name))
        throw new Error(
          "Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run",
        );
      const id = (kept[0]?.id ?? first) + 1;
      writeFileSync(`${fileOf(id)}.partial`, zip);
      renameSync(`${fileOf(id)}.partial`, fileOf(id));
      const at = now();
      const made: Artifact = {
        ...artifact,
        id,
        size: zip.length,
        digest: `sha256:${createHash("sha256").update(zip).digest("hex")}`,
        createdAt: at.toISOString(),
        expiresAt: new Date(at.getTime() + retentionDays * dayMs).toISOString(),
      };
      writeStored(index, [made, ...kept]);
      kept = [made, ...kept];
      return made;
    },
    read: (id) => (find(id) !== undefined && existsSync(fileOf(id)) ? readFileSync(fileOf(id)) : null),
  };
}
