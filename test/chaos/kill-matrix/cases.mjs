// The kill matrix as data: every crash point of the code, the process it is armed in, and the payment or refund that leads there.
// `tools/docs/crash-points.spec.ts` compares the points with the calls in the code: neither can have one that the other does not know.

/**
 * @typedef {'api' | 'worker' | 'webhook' | 'orders' | 'operator'} Process `operator` is one run of the CLI
 * @typedef {{ payment: string, refund?: string }} Ends
 * @typedef {{ dies: string, in: Process, flow: string, after?: { dies: string, in: Process }, ends?: Ends }} Case
 *   `flow` leads there, see flows.mjs; `after` is where a process died before, for points that only a death leads to; `ends`
 *   where it is not what the flow says
 */

const approved = (process, points) =>
  points.map((dies) => ({ dies, in: process, flow: 'approved' }));
const RELAY = ['relay.before-publish', 'relay.before-commit', 'relay.after-commit'];
const SENT_OR_NOT = { dies: 'submission.after-fence', in: 'worker' };
/** Nothing was sent, and nobody can know: the amount stays reserved until a person says so. */
const UNSENT_REFUND = { payment: 'succeeded', refund: 'in_doubt' };

const refunded = (process, points, more = {}) =>
  points.map((dies) => ({ dies, in: process, flow: 'refunded', ...more }));

/** @type {readonly Case[]} */
const REFUND_CASES = [
  ...refunded('api', ['refund-intake.before-commit', 'refund-intake.after-commit']),
  ...refunded('worker', ['refund-submission.before-fence']),
  ...refunded(
    'worker',
    [
      'refund-submission.after-fence',
      'refund-submission.before-last-check',
      'refund-submission.before-first-byte',
    ],
    { ends: UNSENT_REFUND },
  ),
  ...refunded('worker', [
    'refund-submission.after-last-byte',
    'refund-submission.after-reply',
    'refund-submission.after-commit',
  ]),
  ...refunded('worker', ['refund-sweep.before-commit', 'refund-sweep.after-commit'], {
    after: { dies: 'refund-submission.after-fence', in: 'worker' },
    ends: UNSENT_REFUND,
  }),
  ...[
    'refund-inquiry.before-question',
    'refund-inquiry.after-answer',
    'refund-inquiry.after-commit',
  ].map((dies) => ({ dies, in: 'worker', flow: 'refund-doubtful' })),
  { dies: 'refund-giving-up.before-commit', in: 'worker', flow: 'refund-late' },
  { dies: 'refund-giving-up.after-commit', in: 'worker', flow: 'refund-late' },
  { dies: 'refund-resolve.before-commit', in: 'operator', flow: 'refund-resolved' },
  { dies: 'refund-resolve.after-commit', in: 'operator', flow: 'refund-resolved' },
];

/** @type {readonly Case[]} */
export const CASES = [
  ...approved('api', ['intake.before-commit', 'intake.after-commit', ...RELAY]),
  { dies: 'signature.before-commit', in: 'api', flow: 'signed' },
  { dies: 'signature.after-commit', in: 'api', flow: 'signed' },
  ...approved('worker', [
    ...RELAY,
    'submission.before-fence',
    'submission.after-fence',
    'submission.before-last-check',
    'submission.before-first-byte',
    'submission.after-last-byte',
    'submission.after-reply',
    'submission.after-commit',
  ]),
  { dies: 'submission.after-reply', in: 'worker', flow: 'unreachable' },
  { dies: 'submission.after-commit', in: 'worker', flow: 'unreachable' },
  { dies: 'sweep.before-commit', in: 'worker', flow: 'approved', after: SENT_OR_NOT },
  { dies: 'sweep.after-commit', in: 'worker', flow: 'approved', after: SENT_OR_NOT },
  { dies: 'due-steps.after-claim', in: 'worker', flow: 'doubtful' },
  { dies: 'due-steps.after-enqueue', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.before-question', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.after-answer', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.before-commit', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.after-commit', in: 'worker', flow: 'doubtful' },
  { dies: 'rebuild.before-commit', in: 'worker', flow: 'flushed' },
  { dies: 'rebuild.after-commit', in: 'worker', flow: 'flushed' },
  { dies: 'callback.before-commit', in: 'webhook', flow: 'settled' },
  { dies: 'callback.after-commit', in: 'webhook', flow: 'settled' },
  { dies: 'kept-callback.before-keep', in: 'webhook', flow: 'kept' },
  { dies: 'kept-callback.after-keep', in: 'webhook', flow: 'kept' },
  { dies: 'kept-callback.before-removal', in: 'webhook', flow: 'kept' },
  ...approved('orders', ['event.before-handling', 'event.before-commit', 'event.after-commit']),
  { dies: 'cancel.before-commit', in: 'api', flow: 'cancelled' },
  { dies: 'cancel.after-commit', in: 'api', flow: 'cancelled' },
  { dies: 'giving-up.before-commit', in: 'worker', flow: 'late' },
  { dies: 'giving-up.after-commit', in: 'worker', flow: 'late' },
  { dies: 'resolve.before-commit', in: 'operator', flow: 'resolved' },
  { dies: 'resolve.after-commit', in: 'operator', flow: 'resolved' },
  ...REFUND_CASES,
];

/** One of each kind, for CI: the places where a charge, a payment or an event is easiest to lose. */
const SHORT = new Set([
  'api intake.after-commit approved',
  'worker submission.after-reply approved',
  'webhook kept-callback.before-removal kept',
  'orders event.before-commit approved',
]);

/** The name of a case, as the table shows it. */
export const nameOf = ({ dies, in: process, flow }) => `${process} ${dies} ${flow}`;

export const SHORT_CASES = CASES.filter((one) => SHORT.has(nameOf(one)));
