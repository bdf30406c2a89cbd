// Explains a payment in doubt: the reason, the inquiries and their answers, and the operator's
// options.
import { type Payment, resolvableStatuses, statusToWire } from '@quittance/payments';
import type { PaymentHistory, TerminalWithoutKey } from '@quittance/persistence';
import { durationText } from '../command/times.js';
import { table } from '../command/table.js';

/** The payment, with its terminal and its merchant's name. */
export interface ExplainedPayment {
  readonly merchantName: string;
  readonly payment: Payment;
  readonly terminal: TerminalWithoutKey;
}

/** Older inquiries add nothing. */
const SHOWN_MAX = 20;

/** Returns the answer to an inquiry in words. */
export const answerName = (answer: string) =>
  answer.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Returns the inquiries as a table; empty when there were none. */
export function inquiryTable({ inquiries }: PaymentHistory): string {
  if (inquiries.length === 0) return '';
  const shown = inquiries.slice(-SHOWN_MAX);
  const rows = shown.map(({ askedAt, strategy, answer, detail }) => [
    askedAt.toISOString(),
    strategy === 'transId' ? 'trans-id' : strategy,
    answerName(answer),
    detail ?? '',
  ]);
  const left = inquiries.length - shown.length;
  return [
    ...(left > 0 ? [`${left} earlier inquiries are not shown`] : []),
    table(['AT', 'BY', 'ANSWER', 'DETAIL'], rows),
  ].join('\n');
}

/** Returns the operator's options; empty unless the payment is in doubt. */
export function resolutionAdvice({ payment, terminal, merchantName }: ExplainedPayment): string {
  const { status, doubtReason, transId, reference } = payment;
  if (status !== 'inDoubt') return '';
  const lines = [`In doubt because of ${doubtReason}: ${REASONS[doubtReason ?? ''] ?? UNLISTED}`];
  lines.push('The customer may have been charged: do not ask for another payment.');
  const found = transId === null ? `the reference ${reference}` : `transID ${transId}`;
  lines.push(`Look up ${found} in the gateway's dashboard, then record what you saw:`);
  const ends = resolvableStatuses.map(statusToWire).join('|');
  lines.push(
    `  quittance resolve ${reference} --merchant ${quoted(merchantName)} --as ${ends} --evidence "…"`,
  );
  if (transId === null && terminal.inquiry === 'trans_id') {
    lines.push(
      'If this gateway looks up references (reference) or honours unique_reference (probe), enable inquiries:',
      `  quittance terminals set ${terminal.name} --merchant ${quoted(merchantName)} --inquiry reference|probe`,
    );
  }
  if (terminal.absentAfterMs !== null && transId === null) {
    lines.push(
      `It becomes failed (never_arrived) automatically once the probe has answered "not found" for ${durationText(terminal.absentAfterMs)} without a break.`,
    );
  }
  return lines.join('\n');
}

const UNLISTED = 'the reply proves no outcome, so the gateway may have executed the request.';
const UNREADABLE = 'this field of the gateway’s answer is unreadable.';
const MISMATCH = 'the gateway’s answer is about something else.';

/** Explanations of the stable values of `doubt_reason`. */
const REASONS: Readonly<Record<string, string>> = {
  worker_died:
    'the worker stopped between the fence and the stored reply; the request may have been sent.',
  reference_already_known: 'the gateway already has the reference (5012).',
  unknown_order_status: 'the gateway used an undocumented code.',
  other_transaction: MISMATCH,
  other_reference: MISMATCH,
  other_terminal: MISMATCH,
  other_card: MISMATCH,
  amount_mismatch: MISMATCH,
  currency_mismatch: MISMATCH,
  incomplete_report: 'the gateway’s answer does not prove that it is about this payment.',
  transaction_of_another_payment:
    'the gateway named another payment’s transaction; this payment may or may not be charged.',
  reference_of_several_payments:
    'the gateway found a transaction by the reference, but it may belong to another payment.',
  unreadable_reference: UNREADABLE,
  unreadable_amount: UNREADABLE,
  unreadable_currency: UNREADABLE,
  unreadable_terminal: UNREADABLE,
  unreadable_card: UNREADABLE,
  unreadable_authurl: 'the gateway waits for the payer but gave no usable address.',
};

const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
