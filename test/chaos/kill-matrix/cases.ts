// The kill matrix as data: every crash point of the code, the process it is armed in, and the
// payment or refund that leads there. `tools/docs/crash-points.spec.ts` compares the points with
// the calls in the code: neither can have one that is missing in the other.

import type { Ends, FlowName } from './flows.js';

/** `operator` is one run of the CLI. */
export type KilledProcess = 'api' | 'worker' | 'webhook' | 'orders' | 'operator';

/** A point in the code, and the process that dies there. */
export interface Death {
  readonly dies: string;
  readonly in: KilledProcess;
}

/** One death that must be survived. */
export interface KillCase extends Death {
  /** The payment or refund that leads there; see flows.ts. */
  readonly flow: FlowName;
  /** The death before it, for points that only a death leads to. */
  readonly after?: Death;
  /** Instead of the flow's. */
  readonly ends?: Ends;
}

const RELAY = ['relay.before-publish', 'relay.before-commit', 'relay.after-commit'];
const SENT_OR_NOT: Death = { dies: 'submission.after-fence', in: 'worker' };
/**
 * Nothing was sent, which cannot be proven: the amount stays reserved until an operator decides.
 */
const UNSENT_REFUND = { payment: 'succeeded', refund: 'in_doubt' };

const cases = (
  process: KilledProcess,
  flow: FlowName,
  points: readonly string[],
  more: Pick<KillCase, 'after' | 'ends'> = {},
): KillCase[] => points.map((dies) => ({ dies, in: process, flow, ...more }));

const REFUND_CASES: readonly KillCase[] = [
  ...cases('api', 'refunded', ['refund-intake.before-commit', 'refund-intake.after-commit']),
  ...cases('worker', 'refunded', ['refund-submission.before-fence']),
  ...cases(
    'worker',
    'refunded',
    [
      'refund-submission.after-fence',
      'refund-submission.before-last-check',
      'refund-submission.before-first-byte',
    ],
    { ends: UNSENT_REFUND },
  ),
  ...cases('worker', 'refunded', [
    'refund-submission.after-last-byte',
    'refund-submission.after-reply',
    'refund-submission.after-commit',
  ]),
  ...cases('worker', 'refunded', ['refund-sweep.before-commit', 'refund-sweep.after-commit'], {
    after: { dies: 'refund-submission.after-fence', in: 'worker' },
    ends: UNSENT_REFUND,
  }),
  ...cases('worker', 'refund-doubtful', [
    'refund-inquiry.before-question',
    'refund-inquiry.after-answer',
    'refund-inquiry.after-commit',
  ]),
  ...cases('worker', 'refund-late', [
    'refund-giving-up.before-commit',
    'refund-giving-up.after-commit',
  ]),
  ...cases('operator', 'refund-resolved', [
    'refund-resolve.before-commit',
    'refund-resolve.after-commit',
  ]),
];

export const CASES: readonly KillCase[] = [
  ...cases('api', 'approved', ['intake.before-commit', 'intake.after-commit', ...RELAY]),
  ...cases('api', 'signed', ['signature.before-commit', 'signature.after-commit']),
  ...cases('api', 'batched', [
    'batch-open.before-commit',
    'batch-open.after-commit',
    'intake.before-commit',
    'intake.after-commit',
    'batch-progress.before-commit',
    'batch-progress.after-commit',
  ]),
  ...cases('api', 'published', [
    'intake.before-commit',
    'intake.after-commit',
    'publishing.before-completion',
    'publishing.after-completion',
  ]),
  ...cases('api', 'published-in-clear', ['publishing.before-erasure', 'publishing.after-erasure']),
  ...cases('api', 'published-as-name', ['publishing.before-removal', 'publishing.after-removal']),
  ...cases('api', 'forwarded', ['intake.before-commit', 'intake.after-commit']),
  ...cases('worker', 'approved', [
    ...RELAY,
    'submission.before-fence',
    'submission.after-fence',
    'submission.before-last-check',
    'submission.before-first-byte',
    'submission.after-last-byte',
    'submission.after-reply',
    'submission.after-commit',
  ]),
  ...cases('worker', 'unreachable', ['submission.after-reply', 'submission.after-commit']),
  ...cases('worker', 'approved', ['sweep.before-commit', 'sweep.after-commit'], {
    after: SENT_OR_NOT,
  }),
  ...cases('worker', 'doubtful', [
    'due-steps.after-claim',
    'due-steps.after-enqueue',
    'inquiry.before-question',
    'inquiry.after-answer',
    'inquiry.before-commit',
    'inquiry.after-commit',
  ]),
  ...cases('worker', 'flushed', ['rebuild.before-commit', 'rebuild.after-commit']),
  ...cases('worker', 'forwarded', [
    'forwarding.before-send',
    'forwarding.before-commit',
    'forwarding.after-commit',
  ]),
  ...cases('webhook', 'settled', ['callback.before-commit', 'callback.after-commit']),
  ...cases('webhook', 'buffered', [
    'kept-callback.before-keep',
    'kept-callback.after-keep',
    'kept-callback.before-removal',
  ]),
  ...cases('orders', 'approved', [
    'event.before-handling',
    'event.before-commit',
    'event.after-commit',
  ]),
  ...cases('api', 'cancelled', ['cancel.before-commit', 'cancel.after-commit']),
  ...cases('api', 'returned', ['return.before-commit', 'return.after-commit']),
  ...cases('worker', 'late', ['giving-up.before-commit', 'giving-up.after-commit']),
  ...cases('operator', 'resolved', ['resolve.before-commit', 'resolve.after-commit']),
  ...REFUND_CASES,
];

/**
 * One of each kind, for CI: where a charge, a payment, a callback or an event is easiest to lose.
 */
const SHORT = new Set([
  'api intake.after-commit approved',
  'worker submission.after-reply approved',
  'webhook kept-callback.before-removal buffered',
  'orders event.before-commit approved',
]);

/** The name of a case, for `--case` and in problems. */
export const nameOf = ({ dies, in: process, flow }: KillCase): string =>
  `${process} ${dies} ${flow}`;

export const SHORT_CASES = CASES.filter((one) => SHORT.has(nameOf(one)));
