import type { Aurora } from "../aurora/aurora.ts";
import { instanceName } from "../recovery/names.ts";
import type { Remains } from "./conduct.ts";

/** What a restore that did not complete leaves at AWS, and how to let go of it. */
export async function clusterRemains(
  { target, cluster: live }: { readonly target: string; readonly cluster: string },
  region: string,
  aurora: Pick<Aurora, "cluster" | "instance">,
): Promise<Remains> {
  const cluster = await aurora.cluster(target);
  const instance = await aurora.instance(instanceName(target));
  const found = [
    ...(instance === null
      ? []
      : [
          {
            what: `The instance ${instance.id}, ${instance.status}.`,
            letGo: `aws rds delete-db-instance --region ${region} --db-instance-identifier ${instance.id}`,
          },
        ]),
    ...(cluster === null
      ? []
      : [
          {
            what: `The cluster ${cluster.id}, ${cluster.status}; it costs money until somebody deletes it.`,
            letGo: `aws rds delete-db-cluster --region ${region} --db-cluster-identifier ${cluster.id} --skip-final-snapshot`,
          },
        ]),
  ];
  return { exists: [...found.map((each) => each.what), `The live cluster ${live}, untouched.`], letGo: found.map((each) => each.letGo) };
}
