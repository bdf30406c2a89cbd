// Changes by operators: who acts and why, the audit row of each change, registered operators, and
// proposals that need a second operator.
export {
  act,
  type ActionContext,
  type AuditDraft,
  type OperatorSession,
  type ActionOptions,
} from './act.js';
export { type AmountLimits, amountLimits, isAbove, parseAmountLimits } from './amount-limits.js';
export { checkEvidence, checkName } from './evidence.js';
export { type LaneLimits, pauseLane, resumeLane, setLane } from './lanes.js';
export { OperatorError } from './operator-error.js';
export { digestOfOperatorKey, isOperatorKeyForm, newOperatorKey } from './operator-key.js';
export { addOperator, addOperatorAsProposed, renewOperator, revokeOperator } from './operators.js';
export {
  approvalOf,
  approveProposal,
  type FourEyes,
  needsSecondForAmount,
  needsSecondForNumber,
  propose,
  type ProposalRequest,
  withdrawProposal,
} from './proposals.js';
export { ConcurrentChangeError, retryOnConflict } from './retry-on-conflict.js';
