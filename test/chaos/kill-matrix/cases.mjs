// The kill matrix as data: every crash point of the code, the process it is armed in, and the payment that leads there.
// `tools/docs/crash-points.spec.ts` compares the points with the calls in the code: neither can have one that the other does not know.

/**
 * @typedef {'api' | 'worker' | 'webhook' | 'orders'} Process
 * @typedef {'approved' | 'settled' | 'doubtful' | 'unreachable' | 'flushed' | 'kept'} Flow what the gateway or the
 *   servers do to the payment, see flows.mjs
 * @typedef {{ dies: string, in: Process, flow: Flow, after?: { dies: string, in: Process }, isSlow?: boolean }} Case
 *   `after` is where a process died before, for points that only a death leads to; `isSlow` waits for the lease of a due
 *   step, a minute
 */

const approved = (process, points) =>
  points.map((dies) => ({ dies, in: process, flow: 'approved' }));
const RELAY = ['relay.before-publish', 'relay.before-commit', 'relay.after-commit'];
const SENT_OR_NOT = { dies: 'submission.after-fence', in: 'worker' };

/** @type {readonly Case[]} */
export const CASES = [
  ...approved('api', ['intake.before-commit', 'intake.after-commit', ...RELAY]),
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
  { dies: 'due-steps.after-claim', in: 'worker', flow: 'doubtful', isSlow: true },
  { dies: 'due-steps.after-enqueue', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.before-question', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.after-answer', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.before-commit', in: 'worker', flow: 'doubtful' },
  { dies: 'inquiry.after-commit', in: 'worker', flow: 'doubtful' },
  { dies: 'rebuild.before-commit', in: 'worker', flow: 'flushed' },
  { dies: 'rebuild.after-commit', in: 'worker', flow: 'flushed' },
  { dies: 'callback.before-commit', in: 'webhook', flow: 'settled' },
  { dies: 'callback.after-commit', in: 'webhook', flow: 'settled' },
  ...RELAY.map((dies) => ({ dies, in: 'webhook', flow: 'settled' })),
  { dies: 'kept-callback.before-keep', in: 'webhook', flow: 'kept' },
  { dies: 'kept-callback.after-keep', in: 'webhook', flow: 'kept' },
  { dies: 'kept-callback.before-removal', in: 'webhook', flow: 'kept' },
  ...approved('orders', ['event.before-handling', 'event.before-commit', 'event.after-commit']),
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
