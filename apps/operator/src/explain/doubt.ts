// A doubt as an operator has to see it: why, what was asked and answered, and what a person can do
// about it.
import { type Payment, resolvableStatuses, statusToWire } from '@quittance/payments';
import type { PaymentHistory, TerminalWithoutKey } from '@quittance/persistence';
import { durationText } from '../command/times.js';
import { table } from '../command/table.js';

/** The payment that is explained, with its terminal and its merchant's name. */
export interface ExplainedPayment {
  readonly merchantName: string;
  readonly payment: Payment;
  readonly terminal: TerminalWithoutKey;
}

/** Older questions say the same or nothing. */
const SHOWN_MAX = 20;

/** Empty when the payment never was in doubt, or nobody was asked. */
export function inquiryTable({ inquiries }: PaymentHistory): string {
  if (inquiries.length === 0) return '';
  const shown = inquiries.slice(-SHOWN_MAX);
  const rows = shown.map(({ askedAt, strategy, answer, detail }) => [
    askedAt.toISOString(),
    strategy === 'transId' ? 'trans-id' : strategy,
    answer.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    detail ?? '',
  ]);
  const left = inquiries.length - shown.length;
  return [
    ...(left > 0 ? [`${left} earlier ones are left out`] : []),
    table(['AT', 'BY', 'ANSWER', 'DETAIL'], rows),
  ].join('\n');
}

/** Empty unless the payment is in doubt. */
export function resolutionAdvice({ payment, terminal, merchantName }: ExplainedPayment): string {
  const { status, doubtReason, transId, reference } = payment;
  if (status !== 'inDoubt') return '';
  const lines = [`In doubt because of ${doubtReason}: ${REASONS[doubtReason ?? ''] ?? UNLISTED}`];
  lines.push('It may be charged: do not ask the customer to pay again.');
  const found = transId === null ? `the reference ${reference}` : `transID ${transId}`;
  lines.push(`Look ${found} up in the gateway's dashboard, then say what you saw:`);
  const ends = resolvableStatuses.map(statusToWire).join('|');
  lines.push(
    `  quittance resolve ${reference} --merchant ${quoted(merchantName)} --as ${ends} --evidence "…"`,
  );
  if (transId === null && terminal.inquiry === 'trans_id') {
    lines.push(
      'If this gateway looks up references (reference) or honours unique_reference (probe), let it be asked:',
      `  quittance terminals set ${terminal.name} --merchant ${quoted(merchantName)} --inquiry reference|probe`,
    );
  }
  if (terminal.absentAfterMs !== null && transId === null) {
    lines.push(
      `By itself it becomes failed (never_arrived) once the probe has said "not found" for ${durationText(terminal.absentAfterMs)} in a row.`,
    );
  }
  return lines.join('\n');
}

const UNLISTED = 'the reply proves no outcome, so the request may have been carried out.';
const UNREADABLE = 'the gateway’s answer names this in a way that cannot be read.';
const MISMATCH = 'the gateway answered our request about something else than we asked for.';

/** Stable words of `doubt_reason`. */
const REASONS: Readonly<Record<string, string>> = {
  worker_died:
    'the worker ended between the fence and the stored reply; the request may have left.',
  reference_already_known: 'the gateway says that it has the reference already (5012).',
  unknown_order_status: 'the gateway used a code that nobody published.',
  other_transaction: MISMATCH,
  other_reference: MISMATCH,
  other_terminal: MISMATCH,
  other_card: MISMATCH,
  amount_mismatch: MISMATCH,
  currency_mismatch: MISMATCH,
  incomplete_report:
    'the gateway’s answer leaves out what would show that it is about this payment.',
  transaction_of_another_payment:
    'the gateway named a transaction that another payment has; this one may be charged or not.',
  reference_of_several_payments:
    'the gateway found a transaction by the reference, and another payment may have asked for it.',
  unreadable_reference: UNREADABLE,
  unreadable_amount: UNREADABLE,
  unreadable_currency: UNREADABLE,
  unreadable_terminal: UNREADABLE,
  unreadable_card: UNREADABLE,
  unreadable_authurl: 'the gateway waits for the payer, and gave no address that can be used.',
};

const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
