/** What a worker has to make of each named fault. */
import type { Expected } from "./meet-faults.ts";

export const AWS_ROWS: readonly Expected[] = [
  { fault: "rds-throttling", worker: "restore", outcome: "survived" },
  { fault: "rds-500", worker: "restore", outcome: "survived" },
  { fault: "rds-503", worker: "restore", outcome: "survived" },
  { fault: "rds-hang-up", worker: "restore", outcome: "survived" },
  { fault: "rds-lost-answer", worker: "restore", outcome: "survived" },
  { fault: "rds-slow", worker: "restore", outcome: "survived" },
  { fault: "session-revoked", worker: "restore", outcome: "survived" },
  { fault: "short-credentials", worker: "restore", outcome: "survived" },
  { fault: "clock-ahead", worker: "snapshot", outcome: "survived" },
  { fault: "clock-behind", worker: "snapshot", outcome: "survived" },
  { fault: "rds-denied", worker: "restore", outcome: "mended", said: /AWS refused: .*AccessDenied/ },
  { fault: "no-instances", worker: "restore", outcome: "refused", said: /has no instance.*Add an instance/s },
  { fault: "snapshot-fails", worker: "snapshot", outcome: "dead-end", said: /ended as failed/ },
  { fault: "restore-fails", worker: "restore", outcome: "dead-end", said: /ended as (migration-)?failed/ },
  { fault: "instance-fails", worker: "restore", outcome: "dead-end", said: /ended as failed/ },
  // A restore's checks count rows, which takes no temporary files; what takes them is a drill, and says so.
  { fault: "instance-full", worker: "restore", outcome: "survived" },
  { fault: "instance-never-ends", worker: "restore", outcome: "dead-end", said: /becoming available did not happen within/ },
  { fault: "restore-never-ends", worker: "restore", outcome: "dead-end", said: /becoming available did not happen within/ },
  // Last, because the live cluster then stays `backing-up`.
  { fault: "snapshot-never-ends", worker: "snapshot", outcome: "dead-end", said: /becoming available did not happen within/ },
];

export const GITHUB_ROWS: readonly Expected[] = [
  { fault: "github-404", worker: "snapshot", outcome: "survived" },
  { fault: "github-409", worker: "snapshot", outcome: "survived" },
  { fault: "github-422", worker: "snapshot", outcome: "survived" },
  { fault: "github-429", worker: "snapshot", outcome: "survived" },
  { fault: "github-secondary-limit", worker: "snapshot", outcome: "survived" },
  { fault: "github-502", worker: "snapshot", outcome: "survived" },
  { fault: "github-hang-up", worker: "snapshot", outcome: "survived" },
  { fault: "github-lost-answer", worker: "snapshot", outcome: "survived" },
  { fault: "github-slow", worker: "snapshot", outcome: "survived" },
  { fault: "github-401", worker: "snapshot", outcome: "mended", said: /Bad credentials/, unledgered: true },
  { fault: "github-403", worker: "snapshot", outcome: "mended", said: /not accessible/, unledgered: true },
  { fault: "github-down", worker: "snapshot", outcome: "mended", said: /The ledger could not be written/, unledgered: true },
];
