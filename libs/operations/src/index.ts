// The work of operators, one implementation for the CLI, the API and the page: the actions with
// their audit rows, registered operators, proposals that need a second operator, and the story of a
// payment.
export {
  act,
  type ActionContext,
  type AuditDraft,
  type Identify,
  type Identity,
  type OperatorSession,
  type ActionOptions,
} from './act.js';
export { identifyByKey } from './identify-by-key.js';
export { checkEvidence, checkName } from './evidence.js';
export { type LaneLimits, pauseLane, resumeLane, setLane } from './lanes/change-lane.js';
export { HELD_BY } from './lanes/held-back.js';
export { type LaneQueue, type LaneState, loadLanes } from './lanes/lane-states.js';
export { type LiveSecond, loadSeconds } from './overview/live-seconds.js';
export {
  loadOverview,
  type Overview,
  OVERVIEW_RANGES,
  overviewEnd,
  type OverviewRange,
} from './overview/overview.js';
export { OperatorError } from './operator-error.js';
export { digestOfOperatorKey, isOperatorKeyForm, newOperatorKey } from './operator-key.js';
export { addOperator, renewOperator, revokeOperator } from './operators.js';
export { type FourEyes, withdrawProposal } from './proposals.js';
export { approve, type ApprovingOperator, shownArguments } from './actions/carry-out.js';
export {
  changeFailedJobs,
  type ConfirmedJobs,
  type FailedJobSet,
  type FailedQueue,
} from './actions/failed-jobs.js';
export { inquireNow } from './actions/inquire.js';
export {
  type FailedSets,
  replayEvents,
  type ReplayingOperator,
  subscribersOf,
} from './actions/replay-events.js';
export {
  type CountedSpan,
  countOfEvents,
  COUNTED_EVENTS_MAX,
  countSpan,
  replaySpan,
} from './actions/replay-span.js';
export { type ActingOperator, resolvePayment } from './actions/resolve-payment.js';
export { REFUND_ENDS, type RefundEnd, resolveRefund } from './actions/resolve-refund.js';
export { doubtMeaning } from './story/doubt-meaning.js';
export { nextStepOf } from './story/next-step.js';
export { loadStory, type PaymentStory, type StorySource } from './story/payment-story.js';
export { nextStepOfRefund } from './story/refund-next-step.js';
export { answerName, refundFacts, storyFacts, verdictOf } from './story/story-facts.js';
export type { Finding, Grade, Verdict } from './verdict/finding.js';
export { verdict } from './verdict/verdict.js';
export { fourEyesSection, reasonSection } from './settings.js';
