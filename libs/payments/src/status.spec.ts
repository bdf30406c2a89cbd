// The table of transitions, written out a second time by hand, so that changing a rule takes two
// edits.
import {
  hasBeenCharged,
  isAwaitingGateway,
  isEnded,
  isSoftEnd,
  mayMove,
  PAYMENT_STATUSES,
  type PaymentStatus,
  paymentStatuses,
  statusFromWire,
  statusToWire,
} from './status.js';

/**
 * The allowed transitions from the row's status to the column's (in the same order): `x` yes, `.`
 * no.
 */
const MOVES = `
                    qu su ra pr id ok de bl fa ex ca rp rf pf rv cb di
queued               .  x  .  .  .  .  .  .  x  .  x  .  .  .  .  .  .
submitting           x  .  x  x  x  x  x  x  x  x  x  x  .  .  x  x  x
requiresAction       .  .  .  x  .  x  x  x  x  x  x  x  .  .  x  x  x
processing           .  .  x  .  .  x  x  x  x  x  x  x  .  .  x  x  x
inDoubt              .  .  x  x  .  x  x  x  x  x  x  x  .  .  x  x  x
succeeded            .  .  .  .  .  .  .  .  .  .  .  x  x  x  x  x  x
declined             .  .  .  .  .  x  .  x  x  x  x  x  .  .  x  x  x
blocked              .  .  .  .  .  x  x  .  x  x  x  x  .  .  x  x  x
failed               .  .  .  .  .  x  x  x  .  x  x  x  .  .  x  x  x
expired              .  .  .  .  .  x  x  x  x  .  x  x  .  .  x  x  x
cancelled            .  .  .  .  .  x  x  x  x  x  .  x  .  .  x  x  x
refundPending        .  .  .  .  .  .  .  .  .  .  .  .  x  x  x  x  x
refunded             .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  x  x
partiallyRefunded    .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  x  x
reversed             .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  x  x
chargedBack          .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .  .
disputed             .  .  .  .  .  x  .  .  .  .  .  x  x  x  x  x  .
`;

const rows = MOVES.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(/\s+/));
const statuses = rows.map(([from]) => from as PaymentStatus);
const pairs = rows.flatMap(([from, ...cells]) =>
  cells.map((cell, column) => [from, statuses[column], cell === 'x'] as const),
) as ReadonlyArray<readonly [PaymentStatus, PaymentStatus, boolean]>;

describe('the table of transitions', () => {
  it('has exactly the statuses listed here, in the order in which a payment meets them', () => {
    expect(paymentStatuses).toEqual(statuses);
    expect(pairs).toHaveLength(17 * 17);
  });

  it.each(pairs)('from %s to %s: %s', (from, to, isAllowed) => {
    expect(mayMove(from, to)).toBe(isAllowed);
  });

  it.each(paymentStatuses)('describes %s, and lists no successor twice', (status) => {
    const { meaning, next } = PAYMENT_STATUSES[status];
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(new Set(next).size).toBe(next.length);
  });
});

/** The public contract's spelling and the four predicates; `y` where one holds. */
const FACTS = `
status             wire                awaiting  soft  charged  ended
queued             queued                 .       .       .       .
submitting         submitting             .       .       .       .
requiresAction     requires_action        y       .       .       .
processing         processing             y       .       .       .
inDoubt            in_doubt               y       .       .       .
succeeded          succeeded              .       .       y       y
declined           declined               .       .       .       y
blocked            blocked                .       .       .       y
failed             failed                 .       .       .       y
expired            expired                .       y       .       y
cancelled          cancelled              .       y       .       y
refundPending      refund_pending         .       .       y       y
refunded           refunded               .       .       y       y
partiallyRefunded  partially_refunded     .       .       y       y
reversed           reversed               .       .       y       y
chargedBack        charged_back           .       .       y       y
disputed           disputed               .       .       y       y
`;

const facts = FACTS.trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(/\s+/) as [PaymentStatus, string, string, string, string, string]);

describe('the facts of a status', () => {
  it('are listed for all seventeen', () => {
    expect(facts.map(([status]) => status)).toEqual(paymentStatuses);
  });

  it.each(facts)('%s is called %s on the wire', (status, wire) => {
    expect(statusToWire(status)).toBe(wire);
    expect(statusFromWire(wire)).toBe(status);
  });

  it.each(facts)(
    '%s (%s): awaiting %s, soft %s, charged %s, ended %s',
    (status, _, awaiting, soft, charged, ended) => {
      expect(isAwaitingGateway(status)).toBe(awaiting === 'y');
      expect(isSoftEnd(status)).toBe(soft === 'y');
      expect(hasBeenCharged(status)).toBe(charged === 'y');
      expect(isEnded(status)).toBe(ended === 'y');
    },
  );

  it.each(['inDoubt', 'IN_DOUBT', ' queued', '', 'toString', 'paid'])(
    'does not read %p as a status',
    (text) => expect(statusFromWire(text)).toBeUndefined(),
  );
});
