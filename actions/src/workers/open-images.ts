/** The three databases of a rewind: the image before the damage, the image after it, the live one. */
import type { Aurora } from "../aurora/aurora.ts";
import type { DatabaseAccess } from "../database/connect.ts";
import { openImage, type RewindImages } from "../database/rewind/open-image.ts";
import type { AccessTo } from "./database-door.ts";
import { Refusal } from "./outcome.ts";

export interface Reach {
  readonly aurora: Pick<Aurora, "cluster">;
  readonly access: AccessTo;
}

/** Throws Refusal where AWS knows no such cluster or nobody can connect to it. */
export async function accessOf(cluster: string, { aurora, access }: Reach): Promise<DatabaseAccess> {
  const found = await aurora.cluster(cluster);
  if (found === null) throw new Refusal(`AWS does not know the cluster ${cluster}.`, "Check its id and region in holdfast.yml.");
  if (found.endpoint === null)
    throw new Refusal(`AWS gives no endpoint for ${cluster}.`, "Look at its state in the AWS console, then ask again.");
  return access(found.endpoint);
}

export async function withImages<T>(
  names: Readonly<Record<keyof RewindImages, string>>,
  reach: Reach,
  work: (images: RewindImages) => Promise<T>,
): Promise<T> {
  const open = async (name: string) => openImage(await accessOf(name, reach));
  const before = await open(names.before);
  try {
    const after = await open(names.after);
    try {
      const live = await open(names.live);
      try {
        return await work({ before, after, live });
      } finally {
        await live.close();
      }
    } finally {
      await after.close();
    }
  } finally {
    await before.close();
  }
}
