// Arbitrary payments and evidence for property tests: every status, every kind of evidence, reports
// that match and reports that do not.
import fc from 'fast-check';
import { decide } from '../src/decide.js';
import type { Decision } from '../src/decision.js';
import type { Evidence, GatewayReport } from '../src/evidence.js';
import type { Payment } from '../src/payment.js';
import { paymentStatuses } from '../src/status.js';
import { NOW, aPayment, aReport, fromNow } from './a-payment.js';

const code = fc.oneof(
  fc.constantFrom(...'0 1 2 3 5 7 8 9 10 11 22 23 24 25 26 27 28'.split(' ')),
  fc.constantFrom('12', '13', '99', 'Approved', ''),
);

/**
 * Mostly a report that matches; sometimes one with another transaction, reference or amount, or
 * with an omission.
 */
const report: fc.Arbitrary<GatewayReport> = fc
  .tuple(
    code,
    fc.record(
      {
        transId: fc.constantFrom('100135250426141606', '999'),
        reference: fc.constantFrom('ORD-1001', 'ORD-1001', null, 'ORD-1002'),
        amount: fc.constantFrom('11.11', null, '11'),
        currency: fc.constantFrom('EUR', 'EUR', null, 'USD'),
        response: fc.constantFrom(null, 'Approved'),
        authUrl: fc.constantFrom(null, 'https://gateway.example/api/authurl/1'),
        maskedCard: fc.constantFrom(null, '0026', '4012****0026', '4242'),
        isOtherTerminal: fc.constantFrom(false, false, true),
        unreadable: fc.constantFrom([], [], ['amount' as const], ['authurl' as const]),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([orderStatus, changes]) => aReport(orderStatus, changes));

const reported = report.map((value) => ({ kind: 'reported', report: value }) as const);
const reason = fc.constantFrom('timeout', 'reset');
const outcome = fc.oneof(
  reported,
  reason.map((why) => ({ kind: 'notSent', reason: why }) as const),
  fc
    .constantFrom(null, '999')
    .map((transId) => ({ kind: 'blocked', code: '403', transId, message: 'Blocked' }) as const),
  fc
    .boolean()
    .map((is) => ({ kind: 'refused', code: '5015', message: 'No', isConfiguration: is }) as const),
  fc.constant({ kind: 'alreadyKnown', code: '5012' } as const),
  reason.map((why) => ({ kind: 'unknown', reason: 'no_reply', detail: why }) as const),
);
const answer = fc.oneof(
  reported,
  fc.constantFrom(
    { kind: 'notFound' } as const,
    { kind: 'absent' } as const,
    { kind: 'existsWithoutDetails' } as const,
    { kind: 'noWayToAsk' } as const,
  ),
  reason.map((why) => ({ kind: 'unanswered', reason: why }) as const),
);

/** A callback with an arbitrary report, or an unreadable one. */
export const someCallback: fc.Arbitrary<Evidence> = fc
  .option(report)
  .map((value): Evidence => ({ cause: 'callback', report: value }));

/** Evidence of any kind. */
export const someEvidence: fc.Arbitrary<Evidence> = fc.oneof(
  fc.constant<Evidence>({ cause: 'request', act: 'open', replyBefore: fromNow(30_000) }),
  fc.constant<Evidence>({ cause: 'request', act: 'cancel' }),
  fc.constant<Evidence>({ cause: 'request', act: 'refuseCard', reason: 'card_invalid' }),
  fc.constant<Evidence>({ cause: 'sweeper', act: 'abandoned' }),
  fc.constant<Evidence>({ cause: 'sweeper', act: 'neverSent' }),
  fc.constantFrom(...paymentStatuses).map((to): Evidence => ({ cause: 'operator', to })),
  fc
    .tuple(outcome, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
    .map(([value, random]): Evidence => ({ cause: 'reply', outcome: value, random })),
  someCallback,
  answer.map((value): Evidence => ({ cause: 'inquiry', answer: value })),
);

/** A payment in any status, near its submission deadline or far from it. */
export const somePayment: fc.Arbitrary<Payment> = fc
  .record({
    status: fc.constantFrom(...paymentStatuses),
    mode: fc.constantFrom('test' as const, 'live' as const),
    inquiries: fc.nat({ max: 60 }),
    deadlineMs: fc.constantFrom(-1, 0, 400, 3_600_000),
    isAssumed: fc.boolean(),
  })
  .map(({ status, mode, inquiries, deadlineMs, isAssumed }) => {
    const built = aPayment(status, { mode, inquiries, submitBefore: fromNow(deadlineMs) });
    const failure = { code: 'resolved_by_operator', message: 'x' } as const;
    return built.failure && isAssumed ? { ...built, failure } : built;
  });

/** Asserts `holds` for decisions on arbitrary payments and evidence. */
export function always(
  holds: (before: Payment, decision: Decision, evidence: Evidence) => void,
): void {
  const property = fc.property(somePayment, someEvidence, (before, learned) =>
    holds(before, decide(before, learned, NOW), learned),
  );
  fc.assert(property, { numRuns: 3_000 });
}
