// What a gateway can do wrong, as data: each lie scripts the sandbox for one payment. `ends` is where the payment is on its
// way to, so that a state on the way is not taken for its end; whether it is right is for the ledger to say.

const fault = (name, more = {}) => ({ fault: { fault: name, ...more } });
/** Pending in the reply, another code from the acquirer later. */
const settles = (orderStatus, afterMs) => ({
  acquirer: { reply: '0', settle: { order_status: orderStatus, after_ms: afterMs }, times: 1 },
});
const pending = { acquirer: { reply: '0', times: 1 } };

/** Longer than the worker waits for a reply, and shorter. */
const [TOO_LATE_MS, SLOW_MS] = [3_000, 700];
const SETTLES_MS = 300;
/** Past the first question about a payment that waits. */
const LATE_CALLBACK_MS = 13_000;

/**
 * @typedef {object} Lie
 * @property {string} name
 * @property {object[]} scripts for the sandbox, each a `fault` or an `acquirer`; the reference is added
 * @property {string} [ends]
 * @property {{ orderStatus: string, afterMs: number }} [secondWord] a second word of the acquirer
 * @property {number} [watchedForMs] how long nothing wrong may come of it
 * @type {readonly Lie[]}
 */
export const LIES = [
  { name: 'delay past the deadline', scripts: [fault('delay_ms', { ms: TOO_LATE_MS })] },
  {
    name: 'dropped before processing',
    scripts: [fault('drop_before_processing')],
    ends: 'in_doubt',
  },
  { name: 'dropped after processing', scripts: [fault('drop_after_processing')] },
  { name: '500 after processing', scripts: [fault('status_500_after_processing')] },
  { name: 'garbage', scripts: [fault('garbage_reply')] },
  { name: 'truncated', scripts: [fault('truncate_reply')] },
  { name: 'wrong amount in the reply', scripts: [fault('wrong_amount')] },
  { name: 'wrong reference in the reply', scripts: [fault('wrong_reference')] },
  { name: 'unreadable amount in the reply', scripts: [fault('unreadable_amount')] },
  { name: 'unreadable reference in the reply', scripts: [fault('unreadable_reference')] },
  {
    name: 'wrong amount in the callback',
    scripts: [settles('1', SETTLES_MS), fault('wrong_amount', { on: 'callback' })],
  },
  {
    name: 'wrong reference in the callback',
    scripts: [settles('1', SETTLES_MS), fault('wrong_reference', { on: 'callback' })],
  },
  {
    name: 'unreadable amount in the callback',
    scripts: [settles('1', SETTLES_MS), fault('unreadable_amount', { on: 'callback' })],
  },
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
    name: 'approved after it had expired',
    scripts: [settles('22', SETTLES_MS)],
    secondWord: { orderStatus: '1', afterMs: 4 * SETTLES_MS },
  },
  {
    name: 'reordered callbacks',
    scripts: [settles('22', SETTLES_MS), fault('reordered_callbacks')],
    secondWord: { orderStatus: '1', afterMs: 4 * SETTLES_MS },
  },
  {
    name: '5012, and the row is ours',
    scripts: [fault('refuse', { refusal: 'ownReference' })],
    ends: 'requires_action',
  },
  {
    name: '5012, and there is no row',
    scripts: [fault('refuse', { refusal: '5012' })],
    ends: 'in_doubt',
  },
  {
    name: 'the catch-all error after the row was saved',
    scripts: [fault('refuse', { refusal: 'catchAll' })],
    ends: 'requires_action',
  },
  { name: 'refused by a rule', scripts: [fault('refuse', { refusal: '5007' })], ends: 'failed' },
  {
    name: '200 {} on inquiry',
    scripts: [fault('drop_after_processing'), fault('empty_on_inquiry', { times: 2 })],
  },
  {
    name: "somebody else's transaction on inquiry",
    scripts: [fault('drop_after_processing'), fault('somebody_else_on_inquiry', { times: 2 })],
  },
  {
    name: 'an updating status that was not stored',
    scripts: [pending, fault('status_not_stored', { order_status: '1', times: 3 })],
    ends: 'requires_action',
    // The gateway is made to ask its acquirer from the third question on, a minute after the reply.
    watchedForMs: 75_000,
  },
];

/** Everybody's: nothing listens at the gateway for a while. */
export const CONNECTION_REFUSED = 'connection refused';
