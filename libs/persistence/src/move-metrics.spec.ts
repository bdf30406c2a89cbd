// Goal: metrics of commits show the first count as growth, name ends by closed codes, and measure
// each part of a payment's way. Method: the listener gets commits as Payments passes them.
import {
  ALERTS,
  decide,
  type Decision,
  type Payment,
  moveCauses,
  paymentStatuses,
  refundStatuses,
} from '@quittance/payments';
import { createLogger, Metrics } from '@quittance/platform';
import { aPayment } from '../../../test/support/payments.js';
import { observeMoves, observeRefused } from './move-metrics.js';
import { observeRefunds } from './refunds/refund-metrics.js';

const log = createLogger({ name: 'test', level: 'silent' });
const ACCEPTED = new Date('2026-11-21T10:00:00.000Z');
const after = (seconds: number) => new Date(ACCEPTED.getTime() + seconds * 1_000);

let metrics: Metrics;
beforeEach(() => {
  metrics = new Metrics();
});

async function seriesOf(name: string): Promise<string[]> {
  const lines = (await metrics.registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(`${name}{`));
}

it.each([
  ['payments', observeMoves, 'quittance_payment_alerts_total'],
  ['refunds', observeRefunds, 'quittance_refund_alerts_total'],
])('count the alerts about %s from 0', async (_, observe, name) => {
  observe(metrics, log);
  expect(await seriesOf(name)).toEqual(ALERTS.map((kind) => `${name}{kind="${kind}"} 0`));
});

it.each([
  ['payments', observeMoves, 'payment_moves_total', paymentStatuses],
  ['refunds', observeRefunds, 'refund_moves_total', refundStatuses],
] as const)('count the transitions of %s from 0', async (_, observe, name, statuses) => {
  observe(metrics, log);
  const series = await seriesOf(`quittance_${name}`);
  expect(series).toHaveLength(statuses.length * moveCauses.length);
  expect(series.filter((line) => !line.endsWith('} 0'))).toEqual([]);
});

it('count a deadlock from 0', async () => {
  observeRefused(metrics, log)('22003');
  const series = await seriesOf('quittance_statements_refused_total');
  expect(series).toContain('quittance_statements_refused_total{sqlstate="40P01"} 0');
  expect(series).toContain('quittance_statements_refused_total{sqlstate="22003"} 1');
});

describe('a payment’s way', () => {
  let listen: ReturnType<typeof observeMoves>;
  beforeEach(() => {
    listen = observeMoves(metrics, log);
  });
  const commit = (before: Payment, decision: Decision) => {
    listen([{ payment: decision.next, before, decision }]);
    return decision.next;
  };
  const accepted = aPayment({ lane: 'fast', createdAt: ACCEPTED, updatedAt: ACCEPTED });
  const sent = (payment: Payment, at: Date) =>
    decide(payment, { cause: 'request', act: 'open', replyBefore: after(60) }, at);

  it('is counted and measured by lane, from the acceptance to its end', async () => {
    listen([{ payment: accepted, decision: null }]);
    const submitting = commit(accepted, sent(accepted, after(2)));
    const outcome = { kind: 'blocked', code: '403', transId: null, message: 'No.' } as const;
    commit(submitting, decide(submitting, { cause: 'reply', outcome, random: 0 }, after(4)));
    expect(await seriesOf('quittance_payments_accepted_total')).toEqual([
      'quittance_payments_accepted_total{lane="fast"} 1',
    ]);
    expect(await seriesOf('quittance_payments_ended_total')).toEqual([
      'quittance_payments_ended_total{lane="fast",status="blocked",failure="blocked",gateway_code="403"} 1',
    ]);
    expect(await seriesOf('quittance_accept_to_sent_seconds_sum')).toEqual([
      'quittance_accept_to_sent_seconds_sum{lane="fast"} 2',
    ]);
    expect(await seriesOf('quittance_accept_to_final_seconds_sum')).toEqual([
      'quittance_accept_to_final_seconds_sum{lane="fast",status="blocked"} 4',
    ]);
  });

  it('is measured to its first attempt only', async () => {
    commit({ ...accepted, attempt: 1 }, sent({ ...accepted, attempt: 1 }, after(9)));
    expect(await seriesOf('quittance_accept_to_sent_seconds_sum')).toEqual([]);
  });

  it.each([
    ['after the previous transition', after(10), ['3']],
    ['before it', after(5), []],
  ])('is measured from a callback %s', async (_, hintedAt, seconds) => {
    const waiting = { status: 'inDoubt', attempt: 1, doubtReason: 'no_reply' } as const;
    const before = aPayment({ ...waiting, hintedAt, updatedAt: after(7), lane: 'fast' });
    const answer = { kind: 'absent' } as const;
    commit(before, decide(before, { cause: 'inquiry', answer }, after(13)));
    expect(await seriesOf('quittance_callback_to_event_seconds_sum')).toEqual(
      seconds.map((sum) => `quittance_callback_to_event_seconds_sum{lane="fast"} ${sum}`),
    );
  });
});
