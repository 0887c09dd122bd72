/**
 * The vocabulary of Holdfast and its pure decisions, shared by workers and page. The one door of this workspace: it imports nothing of
 * ours, needs neither Node nor a browser, and knows no clock.
 */
// biome-ignore lint/performance/noBarrelFile: the package's one door
export { alertDraft, discreetAlert, discreetKey, hashedKey, type Privacy, type Writer } from "./alert-entries.ts";
export { type Act, ALERT_STATUSES, type AlertStatus, type AlertView, alertViews } from "./alert-reading.ts";
export { type Alert, alertSchema, TRANSITIONS } from "./alerts.ts";
export { type ApprovedTimes, approvedMigrations } from "./approved-migrations.ts";
export {
  type Cluster,
  type Config,
  configSchema,
  DEFAULT_RETENTION,
  type EventMapping,
  findCluster,
  parseConfig,
} from "./config.ts";
export { whyNotTakeOver } from "./cut-over-grounds.ts";
export {
  CUT_OVER_BEFORE,
  CUT_OVER_CHECKLIST,
  CUT_OVER_INPUTS,
  type CutOverInputs,
  type CutOverRequest,
  cutOverInputsOf,
  keptName,
  parseCutOverRequest,
  renameCommand,
} from "./cut-over-request.ts";
export { type CutOverStep, cutOverStep } from "./cut-over-state.ts";
export {
  type Progress,
  type Review,
  reviewDrafts,
  type Teller,
  type Told,
  type ToldRun,
  toldOf,
  unheardDraft,
  unreadDraft,
} from "./decisions.ts";
export { whyDeletionStops } from "./deletion-stop.ts";
export { digestOf } from "./digest.ts";
export { type Approvable, approvedBy, type RunFacts } from "./dispatched-approval.ts";
export { DRILL_RULE, drillAlert, openDrillAlerts } from "./drill-alert.ts";
export { DRILL_INPUTS, DRILL_TIERS, type DrillInputs, type DrillRequest, type DrillTier, parseDrillRequest } from "./drill-request.ts";
export { durationMs, durationText, formatDuration } from "./duration.ts";
export {
  CANARY_INPUTS,
  type CanaryInputs,
  type CanaryRequest,
  DETECT_INPUTS,
  type DetectInputs,
  type DetectRequest,
  PULL_INPUTS,
  type PullInputs,
  type PullRequest,
  parseCanaryRequest,
  parseDetectRequest,
  parsePullRequest,
} from "./errands.ts";
export { codeBlock, codeSpan, csvField, escapeHtml, escapeMarkdown, escapeSlack, workflowLogLine } from "./escape-text.ts";
export { EVENT_KINDS, type EventKind, FORMAT_NAMES, type FormatName } from "./events.ts";
export type { MassChangeLimits } from "./guard-mass-changes.ts";
export {
  type Guards,
  installSql,
  LOST_UPDATE_TRIGGERS,
  MASS_CHANGE_TRIGGERS,
  overrideSql,
  REMOVE_EVERYTHING,
  removeSql,
} from "./guard-sql.ts";
export { identifier as sqlIdentifier, literal as sqlLiteral, readColumnName, readTableName, type TableName } from "./guard-table.ts";
export { readCount, readPercent, readSeconds } from "./guard-values.ts";
export {
  type ClusterView,
  type Inventory,
  inventorySchema,
  type Orphan,
  type RestoredView,
  rollupPath,
  type SnapshotView,
  STATUS_PATHS,
  TAGS,
} from "./inventory.ts";
export {
  type Break,
  chain,
  type Draft,
  EMPTY_HEAD,
  ENTRY_KINDS,
  type Entry,
  type EntryData,
  type EntryKind,
  formatSegment,
  type Head,
  headOf,
  placeOf,
  readEntry,
  type Segment,
  segmentPath,
  segmentStart,
  type Verdict,
  verify,
} from "./ledger.ts";
export { type SegmentFile, segmentFiles, splitRollups } from "./ledger-reading.ts";
export { LINT_INPUTS, type LintRequest, parseLintRequest } from "./lint-request.ts";
export { isInside, type MaintenanceWindow } from "./maintenance.ts";
export {
  MIGRATE_INPUTS,
  MIGRATE_STAGES,
  type MigrateInputs,
  type MigrateRequest,
  type MigrateStage,
  migrateInputsOf,
  parseMigrateRequest,
  rehearsalOf,
  snapshotBefore,
} from "./migrate-request.ts";
export { type GateFacts, type GateVerdict, judgeGate, mayApprove } from "./migration-gate.ts";
export {
  type Changes,
  planIn,
  planOfDigest,
  type Ran,
  type RecordedMigration,
  type RecordedPlan,
  type RecordedStatement,
  type Rehearsal,
  rehearsalIn,
  VERDICTS,
  type VerdictWord,
} from "./migration-record.ts";
export { MIGRATION_TOOLS, type MigrationSettings, type MigrationTool } from "./migration-settings.ts";
export { instant, isIncident, REASON_LIMITS, reason } from "./names.ts";
export { ANNOUNCED_MS, type Deletion, planDeletions, type RetentionPlan } from "./plan-deletions.ts";
export { formatProblem, InvalidInput, type Problem, parse, showValue } from "./problem.ts";
export { type Guard, type Protection, protectionOf, type SeenProtection } from "./protection.ts";
export { choosePoint, isUsable, type PointChoice, type PointVerdict } from "./recovery-choice.ts";
export { excerptOf, redact, SECRET_KINDS } from "./redact.ts";
export {
  CLEANUP_INPUTS,
  type CleanupInputs,
  type CleanupRequest,
  cleanupInputsOf,
  ORPHAN_RESOURCES,
  type OrphanResource,
  parseCleanupRequest,
  parsePromotionReason,
  parseRestoreRequest,
  parseSnapshotRequest,
  RESTORE_INPUTS,
  type RecoveryPoint,
  type RestoreInputs,
  type RestoreRequest,
  restoreInputsOf,
  SNAPSHOT_INPUTS,
  SNAPSHOT_TRIGGERS,
  type SnapshotInputs,
  type SnapshotRequest,
  type SnapshotTrigger,
  snapshotInputsOf,
} from "./requests.ts";
export {
  parseResponse,
  RESPOND_INPUTS,
  RESPONSE_ACTIONS,
  type RespondInputs,
  type Response,
  type ResponseAction,
  type ResponseLimits,
  respondInputsOf,
} from "./responses.ts";
export { type Damage, type DamageInterval, damageInterval, type Proposal, proposeRestorePoint, rejectedImages } from "./restore-point.ts";
export { retainedSnapshots } from "./retained-snapshots.ts";
export { applyRetention, type RetainedSnapshot, type RetentionPolicy, type RetentionVerdict } from "./retention.ts";
export { type Forecast, type Forecasts, type Foreseen, forecastRetention, leavesRetention } from "./retention-forecast.ts";
export {
  HOLD_ACTIONS,
  HOLD_INPUTS,
  type HoldAction,
  type HoldInputs,
  type HoldRequest,
  holdInputsOf,
  parseHoldRequest,
  parseRetentionRequest,
  RETENTION_INPUTS,
  RETENTION_MODES,
  type RetentionInputs,
  type RetentionRequest,
} from "./retention-request.ts";
export { type RewindPlanSummary, type RewindResult, rewindPlanSummarySchema, rewindResultSchema } from "./rewind-plan.ts";
export {
  parseRewindRequest,
  REWIND_ANSWERS,
  REWIND_INPUTS,
  REWIND_MODES,
  type RewindAnswer,
  type RewindHints,
  type RewindInputs,
  type RewindMode,
  type RewindRequest,
  rewindInputsOf,
  USUAL_SKEW,
} from "./rewind-request.ts";
export { guideOf, type RuleGuide } from "./rule-guides.ts";
export {
  ADMIN_TREATMENTS,
  type BuiltInRule,
  type CustomRule,
  KEYS,
  OVERRIDE_TREATMENTS,
  RULE_IDS,
  type RuleSetting,
  ruleId,
  SEVERITIES,
  WEIGHTS,
} from "./rule-settings.ts";
export { type Due, dueSnapshots, dueWork, nameRequest, SCHEDULED_WORKS, type ScheduledWork, slotStart } from "./schedule.ts";
export { type StandingMigration, schemaBefore, standingMigrations, takenBackWith } from "./standing-migrations.ts";
export { newestPoint, systemState } from "./state.ts";
export {
  REASON_CODES,
  type Reading,
  type ReasonCode,
  STATES,
  type StateInputs,
  type StateReason,
  type StateWord,
  type SystemState,
} from "./state-reasons.ts";
export {
  CLEANUP_STEPS,
  type CleanupStep,
  CUT_OVER_STEPS,
  DRILL_STEPS,
  ENDINGS,
  entryId,
  HOLD_STEPS,
  MIGRATION_STEPS,
  REHEARSAL_STEPS,
  RESTORE_STEPS,
  RETENTION_STEPS,
  REWIND_IMAGE_STEPS,
  REWIND_PLAN_STEPS,
  REWIND_STEPS,
  type RestoreStep,
  SNAPSHOT_STEPS,
  type SnapshotStep,
} from "./steps.ts";
export {
  type Bill,
  describeMatcher,
  endDraft,
  expiredDrafts,
  MATCHER_FIELDS,
  type Matcher,
  matcherSchema,
  matches,
  overridesInForce,
  SUPPRESSION_KINDS,
  type Suppression,
  type SuppressionKind,
  silencesInForce,
  suppressionOf,
  suppressionsOf,
} from "./suppressions.ts";
export type { FlywayRow, LiquibaseRow, ToolHistory } from "./tool-history.ts";
export { requestsUnderWay } from "./under-way.ts";
export { HIDDEN_CHARACTERS, shorten, showHidden, visible, withoutTerminalSequences } from "./visible.ts";
export {
  CANARY_PATTERN,
  COLLECTOR_FOLDER,
  type CollectorHealth,
  collectorHealthSchema,
  collectorPath,
  type SourceHealth,
} from "./watch.ts";
