// Postgres: the source of truth about payments, and the relay from a commit to the queues.
export type { AttemptEnd, Change, ReceivedCallback } from './change.js';
export { type StoredApiKey, StoredApiKeys } from './api-keys.js';
export { StepRequests, type RequestedSteps } from './step-requests.js';
export {
  EventList,
  type EventCursor,
  type EventPage,
  type EventQuery,
  type EventTypes,
  type ListedEvent,
} from './event-list.js';
export { type NewestFilter, NewestLists } from './newest-lists.js';
export { PaymentList } from './payment-list.js';
export {
  type BatchProgress,
  type OpenBatch,
  type PaymentBatch,
  PaymentBatches,
} from './payment-batches.js';
export { type NonceUse, SignatureNonces } from './signature-nonces.js';
export { type Claim, DuePayments, type DueStep } from './due-payments.js';
export type { LoadedPayment, NewPayment, OnCommitted, Planned } from './payments.js';
export type { OutboxMessage, PublishMessages, RefundOrder } from './outbox.js';
export { type RefundChange, writeRefundChange } from './refunds/refund-change.js';
export type { Terminal, TerminalsWithoutKeys, TerminalWithoutKey } from './terminals.js';
export { CallbackHints } from './callback-hints.js';
export { type DropIn, type DropInPayment, DropIns } from './drop-ins.js';
export { type DueForward, type ForwardedEvent, Forwards } from './forwards.js';
export { type AbsenceFacts, DoubtInquiries, type DoubtInquiry } from './doubt-inquiries.js';
export type { ChainPoint } from './audit/audit-chain.js';
export {
  AUDITED_ACTIONS,
  type AuditEntry,
  type AuditSubject,
  latestResolution,
  listAudit,
  type ListedAction,
  writeAudit,
} from './audit/audit-log.js';
export { auditedPayment, auditedRefund } from './audit/audited-views.js';
export {
  countOperators,
  insertOperator,
  isOperator,
  listOperators,
  OPERATOR_RIGHTS,
  type OperatorRights,
  operatorWithKey,
  revokeOperator,
  revokeOpsKeys,
} from './audit/operators.js';
export { OperatorSessions, type SignedIn } from './audit/operator-sessions.js';
export {
  decideProposal,
  insertProposal,
  listProposals,
  lockProposal,
  type NewProposal,
  type Proposal,
  type ProposedAction,
} from './audit/proposals.js';
export { type AuditFinding, verifyAudit } from './audit/verify-audit.js';
export { holdKeys, whileKeysAreLocked } from './keys/key-change-lock.js';
export { HOLDER_LOST_AFTER_MS, type KeyHolder, KeyHolders } from './keys/key-holders.js';
export { KeyNeeds, type PaymentsInNeed } from './keys/key-needs.js';
export { KeyWatch, type KeyWatchOptions } from './keys/key-watch.js';
export { writePaymentChange } from './change-in-transaction.js';
export { createPool } from './pool.js';
export {
  inTransaction,
  isDatabaseUnavailable,
  isRefusedForGood,
  isRefusedStatement,
  isStatementError,
  postgresCheck,
  unavailableReason,
} from '@quittance/postgres';
export { type BacklogMetricsOptions, observeBacklog } from './backlog-metrics.js';
export { Lease, type LeaseOptions } from './lease.js';
export { observeMoves, observeRefused } from './move-metrics.js';
export { OutboxRelay } from './outbox.js';
export { type QueuedLane, QueuedLanes } from './queued-lanes.js';
export {
  type ChangeableLane,
  Lanes,
  type LaneSettings,
  type ListedLane,
  lockLane,
} from './lanes.js';
export { LaneHeartbeats, type ServedLane, type WorkerLane } from './lane-heartbeats.js';
export {
  type EventReplay,
  EventReplays,
  insertEventReplay,
  listEventReplays,
  type ReplayedSpan,
} from './event-replays.js';
export { ALL_QUEUES, type LostQueues, QueueWatch, type RememberedQueues } from './queue-watch.js';
export { Payments } from './payments.js';
export { loadHistory, type PaymentHistory } from './payment-history.js';
export { paymentOf, type PaymentRow } from './payment-row.js';
export { lockTerminal } from './lock-terminal.js';
export { isUniqueViolation, PrismaService, type PrismaTransaction } from './prisma.service.js';
export { Reads } from './replica/reads.js';
export {
  LAG_MAX_MS,
  type Queryable,
  Replica,
  REPLICA_DEADLINES,
  type ReplicaOptions,
} from './replica/replica.js';
export { replicaState, type ReplicaState, requireReplica } from './replica/same-database.js';
export { type RefundFilter, RefundList } from './refunds/refund-list.js';
export { type DueRefund, type LoadedRefund, Refunds } from './refunds/refunds.js';
export { RETENTION_KINDS, type RetentionKind } from './retention/retention-statements.js';
export { observeRetention } from './retention/retention-metrics.js';
export {
  Retention,
  type RetentionStep,
  type RetentionResult,
  type RetentionWalk,
} from './retention/retention.js';
export { FINAL_BOUNDS_MS, SampleRecorder } from './samples/sample-recorder.js';
export { GaugeSamples } from './samples/gauge-samples.js';
export { percentileMs } from './samples/percentile.js';
export { type Sample, type SampleQuery, Samples } from './samples/samples.js';
export { SealedValues, type StoredCard, type StoredTerminalSecret } from './sealed-values.js';
export { Terminals } from './terminals.js';
export { type ConcernedPayment, TransactionOwners } from './transaction-owner.js';
export { AfterCommit, type CommitHints, inquiriesOf, type InquiryOrder } from './after-commit.js';
export {
  STORED_VIOLATIONS,
  StoredInvariants,
  type Findings,
  type Slice,
  type StoredViolation,
} from './stored-invariants.js';
export {
  postgresSection,
  PostgresSettings,
  replicaSection,
  ReplicaSettings,
} from './postgres-config.js';
export { DoubtList, type DoubtRow, type DoubtTotals } from './oversight/doubt-list.js';
export { type FoundPayment, PaymentSearch, type SearchForm } from './oversight/payment-search.js';
export { loadWorkState, type WorkState } from './oversight/work-state.js';
