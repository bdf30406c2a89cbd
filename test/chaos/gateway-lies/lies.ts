// The faults of a gateway as data: each scripts the sandbox for one payment.
import type { SandboxControl, Script } from '../sandbox-control.js';

/** Longer than the worker waits for a reply, and shorter. */
const [TOO_LATE_MS, SLOW_MS] = [3_000, 700];
const SETTLES_MS = 300;
/** Past the first inquiry about a payment that waits. */
const LATE_CALLBACK_MS = 13_000;

/** A script of the sandbox without the payment's reference. */
interface Step {
  readonly fault?: Script;
  readonly acquirer?: Script;
}

/** A gateway that does not do what its protocol says, for one payment. */
export interface Lie {
  readonly name: string;
  readonly scripts: readonly Step[];
  /**
   * The status the payment is on its way to (default: `succeeded`), so that one before it is not
   * taken for its end. The ledger decides whether it is right.
   */
  readonly ends?: string;
  /** A second settlement by the acquirer. */
  readonly secondSettlement?: { readonly orderStatus: string; readonly afterMs: number };
  /** The time during which no wrong result may appear. */
  readonly watchedForMs?: number;
}

const fault = (name: string, more: object = {}): Step => ({ fault: { fault: name, ...more } });
/** Pending in the reply, this code from the acquirer later. */
const settles = (orderStatus: string, afterMs: number): Step => ({
  acquirer: { reply: '0', settle: { order_status: orderStatus, after_ms: afterMs }, times: 1 },
});
const PENDING: Step = { acquirer: { reply: '0', times: 1 } };
const APPROVES_LATER = { orderStatus: '1', afterMs: 4 * SETTLES_MS };

export const LIES: readonly Lie[] = [
  { name: 'reply after the deadline', scripts: [fault('delay_ms', { ms: TOO_LATE_MS })] },
  {
    name: 'dropped before processing',
    scripts: [fault('drop_before_processing')],
    ends: 'in_doubt',
  },
  { name: 'dropped after processing', scripts: [fault('drop_after_processing')] },
  { name: '500 after processing', scripts: [fault('status_500_after_processing')] },
  { name: 'garbage in the reply', scripts: [fault('garbage_reply')] },
  { name: 'truncated reply', scripts: [fault('truncate_reply')] },
  ...['wrong', 'unreadable'].flatMap((kind) =>
    ['amount', 'reference'].flatMap((field): Lie[] => [
      { name: `${kind} ${field} in the reply`, scripts: [fault(`${kind}_${field}`)] },
      {
        name: `${kind} ${field} in the callback`,
        scripts: [settles('1', SETTLES_MS), fault(`${kind}_${field}`, { on: 'callback' })],
      },
    ]),
  ),
  {
    name: 'duplicate callback',
    scripts: [settles('1', SETTLES_MS), fault('duplicate_callback')],
  },
  {
    name: 'callback before the reply',
    scripts: [settles('1', 0), fault('delay_ms', { ms: SLOW_MS })],
  },
  { name: 'no callback', scripts: [settles('1', SETTLES_MS), fault('no_callback')] },
  {
    name: 'late callback',
    scripts: [settles('1', SETTLES_MS), fault('late_callback_ms', { ms: LATE_CALLBACK_MS })],
  },
  {
    name: 'approved after expiry',
    scripts: [settles('22', SETTLES_MS)],
    secondSettlement: APPROVES_LATER,
  },
  {
    name: 'reordered callbacks',
    scripts: [settles('22', SETTLES_MS), fault('reordered_callbacks')],
    secondSettlement: APPROVES_LATER,
  },
  {
    name: '5012 about its own row',
    scripts: [fault('refuse', { refusal: 'ownReference' })],
    ends: 'requires_action',
  },
  {
    name: '5012 without a row',
    scripts: [fault('refuse', { refusal: '5012' })],
    ends: 'in_doubt',
  },
  {
    name: 'catch-all error after the row was saved',
    scripts: [fault('refuse', { refusal: 'catchAll' })],
    ends: 'requires_action',
  },
  { name: 'refused by a rule', scripts: [fault('refuse', { refusal: '5007' })], ends: 'failed' },
  {
    name: '200 {} on inquiry',
    scripts: [fault('drop_after_processing'), fault('empty_on_inquiry', { times: 2 })],
  },
  {
    name: "another payment's transaction on inquiry",
    scripts: [fault('drop_after_processing'), fault('somebody_else_on_inquiry', { times: 2 })],
  },
  {
    name: 'updated status that is not stored',
    scripts: [PENDING, fault('status_not_stored', { order_status: '1', times: 3 })],
    ends: 'requires_action',
    // The gateway asks its acquirer from the third inquiry on, a minute after the reply.
    watchedForMs: 75_000,
  },
];

/** Scripts the sandbox for the payment with this reference. */
export async function scriptLie(
  sandbox: SandboxControl,
  reference: string,
  steps: readonly Step[],
): Promise<void> {
  for (const step of steps) {
    if (step.acquirer) await sandbox.acquirer({ match: { reference }, ...step.acquirer });
    if (step.fault) await sandbox.fault({ match: { reference }, ...step.fault });
  }
}
