// Explains a payment in doubt: the reason, the inquiries and their answers, and the operator's
// options.
import { answerName, doubtMeaning, type PaymentStory } from '@quittance/operations';
import { resolvableStatuses, statusToWire } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import { durationText } from '../command/times.js';
import { table } from '../command/table.js';

/** Older inquiries add nothing. */
const SHOWN_MAX = 20;

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
export function resolutionAdvice({ payment, terminal, merchantName }: PaymentStory): string {
  const { status, doubtReason, transId, reference } = payment;
  if (status !== 'inDoubt') return '';
  const lines = [`In doubt because of ${doubtReason}: ${doubtMeaning(doubtReason)}`];
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

const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
