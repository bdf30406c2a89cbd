// Every status × every order_status × every kind of report, against matrices written by hand.
import { NOW, aPayment, aReport } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { outcomeWord } from '../test/outcome-word.js';
import {
  ON_ANY_TERMINAL,
  ON_A_TEST_TERMINAL,
  TAKEN_BACK_AFTER_OUR_REFUND,
  TEST_OUTCOMES_ON_A_LIVE_TERMINAL,
  UNKNOWN_CODES,
  wordOfCell,
} from '../test/report-matrices.js';
import { decide } from './decide.js';
import type { Evidence, GatewayReport } from './evidence.js';
import type { TerminalMode } from './payment.js';
import type { PaymentStatus } from './status.js';
import { paymentStatuses } from './status.js';

const AUTH_URL = 'https://gateway.example/api/authurl/2';
const channels = ['reply', 'inquiry'] as const;
type Channel = (typeof channels)[number];

function evidenceOf(channel: Channel, report: GatewayReport): Evidence {
  if (channel === 'reply')
    return { cause: 'reply', outcome: { kind: 'reported', report }, random: 0 };
  return { cause: 'inquiry', answer: { kind: 'reported', report } };
}

/**
 * Returns the expected word. There is no inquiry about a payment that is not at the gateway, so an
 * answer about it is outdated and raises no alert.
 */
function wordExpected(channel: Channel, status: PaymentStatus, cell: string): string {
  const isUnasked = channel === 'inquiry' && (status === 'queued' || status === 'submitting');
  return isUnasked ? 'not_at_gateway' : wordOfCell(cell, channel === 'inquiry');
}

interface Row {
  readonly status: PaymentStatus;
  readonly column: string;
  readonly channel: Channel;
  readonly word: string;
}

function rowsOf(matrix: string): readonly Row[] {
  return readMatrix(matrix).flatMap(({ status, column, expected }) =>
    channels.map((channel) => ({
      status,
      column,
      channel,
      word: wordExpected(channel, status, expected),
    })),
  );
}

function wordOf({ status, column, channel }: Row, mode: TerminalMode): string {
  const [code = '', url] = column.split(/(?=u)/);
  const report = aReport(code, { authUrl: url ? AUTH_URL : null });
  return outcomeWord(decide(aPayment(status, { mode }), evidenceOf(channel, report), NOW));
}

describe('a report with a code that counts on every terminal', () => {
  it.each(rowsOf(ON_ANY_TERMINAL))('$status + $column by $channel: $word', (row) => {
    expect(wordOf(row, 'live')).toBe(row.word);
    expect(wordOf(row, 'test')).toBe(row.word);
  });
});

describe('a report of a test outcome', () => {
  it.each(rowsOf(ON_A_TEST_TERMINAL))(
    '$status + $column by $channel on a test terminal: $word',
    (row) => expect(wordOf(row, 'test')).toBe(row.word),
  );

  it.each(rowsOf(TEST_OUTCOMES_ON_A_LIVE_TERMINAL))(
    '$status + $column by $channel on a live terminal: $word',
    (row) => expect(wordOf(row, 'live')).toBe(row.word),
  );
});

describe('a report that money went back, with a refund of ours on record', () => {
  it.each(rowsOf(TAKEN_BACK_AFTER_OUR_REFUND))(
    '$status + $column by $channel: $word',
    ({ status, column, channel, word }) => {
      const amount = column === 'whole' ? 1111n : 500n;
      const payment = aPayment(status, { refundedMinor: amount, refundReservedMinor: amount });
      for (const code of ['3', '7'])
        expect(outcomeWord(decide(payment, evidenceOf(channel, aReport(code)), NOW))).toBe(word);
    },
  );
});

describe('a report that money went back, with a refund of ours under way', () => {
  it.each(['succeeded', 'refundPending'] as const)('is not decided alone: %s', (status) => {
    const payment = aPayment(status, { refundReservedMinor: 500n });
    for (const channel of channels)
      for (const code of ['3', '7'])
        expect(outcomeWord(decide(payment, evidenceOf(channel, aReport(code)), NOW))).toBe(
          'refund_under_way',
        );
  });
});

describe.each(UNKNOWN_CODES)('a report with the unknown code %p', (code) => {
  it.each(paymentStatuses)('leaves %s as it is and raises an alert', (status) => {
    for (const channel of channels) {
      const cell =
        { queued: '*', submitting: 'id!unknown_order_status' }[status as 'queued'] ?? '?';
      const row = { status, column: code, channel, word: wordExpected(channel, status, cell) };
      expect(wordOf(row, 'live')).toBe(row.word);
      expect(wordOf(row, 'test')).toBe(row.word);
    }
  });
});
