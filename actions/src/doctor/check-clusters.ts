import { type Cluster, durationMs, formatDuration } from "../domain/index.ts";
import { type ClusterSettings, type Facts, isUnread, type RegionFacts } from "./facts.ts";
import { type Finding, fail, pass, unknown, warn } from "./finding.ts";

/** AWS's own range of point-in-time restores is the last resort; a week outlasts a holiday weekend. */
const BACKUP_DAYS = 7;
// AWS lets it trail by five minutes; three times as long is no lag.
const RANGE_LAG_MS = 15 * 60_000;
const QUOTA_SHARE = 0.9;

/** What AWS holds of the clusters under protection, and what it keeps of them. */
export function checkClusters(facts: Facts): readonly Finding[] {
  const { config, regions } = facts;
  if (isUnread(config)) return [];
  return regions.flatMap((region) => {
    const { clusters } = region;
    if (isUnread(clusters)) return [unknown("cluster-exists", region.region, clusters)];
    const ours = config.clusters.filter((each) => each.region === region.region);
    return [
      ...quota(region),
      ...ours.flatMap((cluster) =>
        checkCluster(
          cluster,
          clusters.find(({ id }) => id === cluster.id),
          facts,
        ),
      ),
    ];
  });
}

function quota({ region, quota: known }: RegionFacts): readonly Finding[] {
  if (isUnread(known)) return [unknown("snapshot-quota", region, known)];
  if (known === null)
    return [unknown("snapshot-quota", region, { unread: "AWS does not say", needs: "Allow rds:DescribeAccountAttributes" })];
  const { used, max } = known;
  const says = `holds ${used} of ${max} manual cluster snapshots`;
  const fix = "https://console.aws.amazon.com/servicequotas/home/services/rds/quotas";
  if (used >= max) return [fail("snapshot-quota", region, `${says}: the next one is refused`, fix)];
  return [used >= max * QUOTA_SHARE ? warn("snapshot-quota", region, says, fix) : pass("snapshot-quota", region, says)];
}

function checkCluster(cluster: Cluster, found: ClusterSettings | undefined, facts: Facts): readonly Finding[] {
  const { id, region, engine } = cluster;
  if (found === undefined)
    return [fail("cluster-exists", id, `is unknown to AWS in ${region}`, "Correct its id or region in holdfast.yml")];
  const modify = (setting: string) =>
    `aws rds modify-db-cluster --region ${region} --db-cluster-identifier ${id} ${setting} --apply-immediately`;
  return [
    pass("cluster-exists", id, "exists"),
    found.status === "available"
      ? pass("cluster-status", id, "is available")
      : fail(
          "cluster-status",
          id,
          `is ${found.status}: AWS takes snapshots of available clusters only`,
          `aws rds describe-events --region ${region} --source-type db-cluster --source-identifier ${id}`,
        ),
    found.engine === engine
      ? pass("cluster-engine", id, `runs ${engine}`)
      : fail("cluster-engine", id, `runs ${found.engine}, and holdfast.yml says ${engine}`, "Correct its engine in holdfast.yml"),
    found.instances > 0
      ? pass("cluster-instances", id, `has ${found.instances} instances`)
      : fail(
          "cluster-instances",
          id,
          "has no instance: nothing says which class a restored one should have",
          `aws rds create-db-instance --region ${region} --db-cluster-identifier ${id} --db-instance-identifier ${id}-1 --engine ${engine} --db-instance-class db.r6g.large`,
        ),
    found.deletionProtection
      ? pass("cluster-deletion-protection", id, "is protected against deletion")
      : fail(
          "cluster-deletion-protection",
          id,
          "can be deleted with one call, and its automated backups with it",
          modify("--deletion-protection"),
        ),
    found.backupDays >= BACKUP_DAYS
      ? pass("cluster-backup-window", id, `can go back ${found.backupDays} days to any second`)
      : warn("cluster-backup-window", id, `can go back ${found.backupDays} days only`, modify(`--backup-retention-period ${BACKUP_DAYS}`)),
    range(cluster, found, facts.now),
    found.encrypted
      ? pass("cluster-encryption", id, "is encrypted at rest")
      : warn(
          "cluster-encryption",
          id,
          "is not encrypted at rest, and neither are its snapshots",
          "Restore an encrypted copy: aws rds restore-db-cluster-from-snapshot --kms-key-id KEY",
        ),
    found.public
      ? fail(
          "cluster-public",
          id,
          "has an instance that the whole internet may try",
          `aws rds modify-db-instance --region ${region} --no-publicly-accessible --db-instance-identifier INSTANCE`,
        )
      : pass("cluster-public", id, "has no public address"),
    recoveryPoint(cluster, found, facts),
  ];
}

function range({ id, region }: Cluster, { latestRestorable }: ClusterSettings, now: Date): Finding {
  const fix = `aws rds describe-db-clusters --region ${region} --db-cluster-identifier ${id}`;
  if (latestRestorable === null) return fail("cluster-range", id, "cannot be restored to any second", fix);
  const lag = now.getTime() - latestRestorable.getTime();
  return lag <= RANGE_LAG_MS
    ? pass("cluster-range", id, "can be restored to a second of the last minutes")
    : fail("cluster-range", id, `can be restored to ${formatDuration(lag)} ago at latest: AWS has stopped archiving`, fix);
}

function recoveryPoint({ id, objectives: { rpo } }: Cluster, { newestSnapshot }: ClusterSettings, { now, repository }: Facts): Finding {
  const fix = `gh workflow run snapshot.yml -R ${repository.name} --ref production -f cluster=${id} -f reason="As the doctor says" -f request_id=$(uuidgen)`;
  if (newestSnapshot === null) return fail("recovery-point", id, "has no snapshot", fix);
  const age = now.getTime() - newestSnapshot.getTime();
  return age <= durationMs(rpo)
    ? pass("recovery-point", id, `was snapshotted ${formatDuration(age)} ago, within ${rpo}`)
    : fail("recovery-point", id, `was snapshotted ${formatDuration(age)} ago; its objective is ${rpo}`, fix);
}
