/** An error that the service answers with: the code on the wire, which for some faults is not the SDK's class name, and its status. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Faults with the codes and statuses of the RDS API reference. */
export const refuse = {
  clusterNotFound: (id: string) => new Refusal("DBClusterNotFoundFault", `DBCluster ${id} not found.`, 404),
  clusterExists: (id: string) => new Refusal("DBClusterAlreadyExistsFault", `DB Cluster already exists: ${id}`, 400),
  clusterState: (message: string) => new Refusal("InvalidDBClusterStateFault", message, 400),
  clusterQuota: (limit: number) => new Refusal("DBClusterQuotaExceededFault", `You have reached the limit of ${limit} DB clusters`, 403),
  snapshotNotFound: (id: string) => new Refusal("DBClusterSnapshotNotFoundFault", `DBClusterSnapshot ${id} not found.`, 404),
  snapshotExists: (id: string) =>
    new Refusal(
      "DBClusterSnapshotAlreadyExistsFault",
      `Cannot create the cluster snapshot because one with the identifier ${id} already exists.`,
      400,
    ),
  snapshotState: (message: string) => new Refusal("InvalidDBClusterSnapshotStateFault", message, 400),
  snapshotQuota: (limit: number) => new Refusal("SnapshotQuotaExceeded", `Cannot create more than ${limit} manual snapshots`, 400),
  instanceNotFound: (id: string) => new Refusal("DBInstanceNotFound", `DBInstance ${id} not found.`, 404),
  instanceExists: (id: string) => new Refusal("DBInstanceAlreadyExists", `DB Instance already exists: ${id}`, 400),
  instanceState: (message: string) => new Refusal("InvalidDBInstanceState", message, 400),
  instanceNotReady: (id: string) => new Refusal("DBInstanceNotReady", `DBInstance ${id} is not ready to answer for its log files.`, 400),
  logFileNotFound: (name: string) => new Refusal("DBLogFileNotFoundFault", `DBLog File: ${name}, is not found on the DB instance`, 404),
  restore: (message: string) => new Refusal("InvalidRestoreFault", message, 400),
  value: (message: string) => new Refusal("InvalidParameterValue", message, 400),
  combination: (message: string) => new Refusal("InvalidParameterCombination", message, 400),
  missing: (name: string) => new Refusal("MissingParameter", `The request must contain the parameter ${name}`, 400),
  denied: (message: string) => new Refusal("AccessDenied", message, 403),
  /** What the stand-in does not do is loud, never a plausible answer. */
  unserved: (what: string) => new Refusal("InternalFailure", `The sandbox does not serve ${what}`, 500),
};
