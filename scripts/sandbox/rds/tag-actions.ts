import { type Parameters, type Tag, withinLimit } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { arn, clusterOf, instanceOf, type Service, snapshotOf } from "./service.ts";
import { tagList, type XmlObject } from "./shapes.ts";

export function listTags(service: Service, parameters: Parameters): XmlObject {
  const resource = taggedBy(service, parameters);
  parameters.filters([]);
  parameters.finish();
  return { TagList: tagList(resource.tags) };
}

export async function addTags(service: Service, parameters: Parameters): Promise<XmlObject> {
  const resource = taggedBy(service, parameters);
  const added = parameters.tags() ?? [];
  parameters.finish();
  const merged = new Map([...resource.tags, ...added].map((tag) => [tag.key, tag]));
  resource.tags = withinLimit([...merged.values()]);
  await service.save();
  return {};
}

export async function removeTags(service: Service, parameters: Parameters): Promise<XmlObject> {
  const resource = taggedBy(service, parameters);
  const keys = parameters.list("TagKeys", "member") ?? [];
  parameters.finish();
  resource.tags = resource.tags.filter((tag) => !keys.includes(tag.key));
  await service.save();
  return {};
}

function taggedBy(service: Service, parameters: Parameters): { tags: readonly Tag[] } {
  const name = parameters.required("ResourceName");
  if (name.startsWith(arn(service, "cluster-snapshot", ""))) return snapshotOf(service, name);
  if (name.startsWith(arn(service, "cluster", ""))) return clusterOf(service, name);
  if (name.startsWith(arn(service, "db", ""))) return instanceOf(service, name);
  throw refuse.value(`Invalid resource name: ${name}: the ARN of a cluster, instance or cluster snapshot of this account`);
}
