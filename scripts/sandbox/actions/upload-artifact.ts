/** actions/upload-artifact: one file or one folder becomes a zip of the run. Patterns and lists of paths are not understood and refused. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { StepCall } from "./step-call.ts";
import { writeZip, type ZipFile } from "./write-zip.ts";

const MISSING = ["warn", "error", "ignore"];
const DAYS = 90;
/** What GitHub refuses in an artifact's name. */
const BAD_NAME = /["':<>|*?\r\n\\/]/;

export function uploadArtifact({ session }: StepCall, given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { name = "artifact", path = "", "if-no-files-found": missing = "warn", "retention-days": days = String(DAYS) } = given;
  if (BAD_NAME.test(name)) throw new Error(`The artifact name is not valid: ${name}`);
  if (path === "" || /[*?[\]!\n]/.test(path.trim()))
    throw new Error(`path '${path}' must name one file or one folder: the sandbox knows no patterns`);
  if (!MISSING.includes(missing))
    throw new Error(`Unrecognized if-no-files-found input. Provided: ${missing}. Available options: ${MISSING.join(", ")}`);
  const retentionDays = Number(days);
  if (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > DAYS)
    throw new Error(`retention-days '${days}' is not a whole number from 1 to ${DAYS}`);
  const files = filesAt(resolve(session.workspace, path.trim()));
  if (files.length === 0) {
    const told = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`;
    if (missing === "error") throw new Error(told);
    if (missing === "warn") session.annotate("warning", told);
    else session.log(told);
    return Promise.resolve({});
  }
  const { id, digest } = session.host.storeArtifact(session.run, { name, zip: writeZip(files), retentionDays });
  session.log(`Artifact ${name} has been successfully uploaded! Final size is of ${files.length} files. Artifact ID is ${id}`);
  return Promise.resolve({ "artifact-id": String(id), "artifact-digest": digest.replace(/^sha256:/, "") });
}

/** Hidden files stay behind, as the action leaves them by default. */
function filesAt(path: string): readonly ZipFile[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [{ path: basename(path), content: readFileSync(path) }];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .filter(
      (file) =>
        !relative(path, file)
          .split("/")
          .some((part) => part.startsWith(".")),
    )
    .map((file) => ({ path: relative(path, file), content: readFileSync(file) }));
}
