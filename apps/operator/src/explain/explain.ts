// `explain <reference>`: shows a payment's transitions, its attempts with their evidence, its
// callbacks, and the next step.
import {
  loadStory,
  nextStepOf,
  type PaymentStory,
  storyFacts,
  verdictOf,
} from '@quittance/operations';
import { formatAmount, statusToWire } from '@quittance/payments';
import type { PaymentHistory } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { table } from '../command/table.js';
import { findPayment } from '../payments/find-by-reference.js';
import { inquiryTable, resolutionAdvice } from './doubt.js';
import { attemptsTable, transitionsTable } from './history.js';
import { refundExplanation } from './refund-explanation.js';

interface ExplainOptions {
  readonly merchant?: string;
}

export function addExplainCommand(program: Command, run: RunCommand): void {
  program
    .command('explain <reference>')
    .description(
      'show every transition of a payment with its cause, attempt and raw code, and the next step',
    )
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: ExplainOptions) =>
      run((operator) => explain(operator, reference, options)),
    );
}

async function explain(
  operator: Operator,
  reference: string,
  options: ExplainOptions,
): Promise<void> {
  const { id } = await findPayment(operator, reference, options);
  const story = await loadStory(operator, id);
  operator.output.result(explanation(story), storyFacts(story));
}

function explanation(explained: PaymentStory): string {
  const { history, now } = explained;
  return [
    ...summary(explained),
    ...endsOf(history),
    ...section('TRANSITIONS', transitionsTable(history.moves, statusToWire)),
    ...section('ATTEMPTS', attempts(history)),
    ...section('CALLBACKS', callbacks(history)),
    ...section('INQUIRIES IN DOUBT', inquiryTable(history)),
    ...section('OPERATOR ACTIONS', actions(history)),
    ...history.refunds.flatMap((refund) => section('REFUND', refundExplanation(refund, now))),
    ...section('OTHER PAYMENTS CONCERNED', others(explained)),
    ...section('NEXT', nextStepOf(explained)),
    ...section('YOUR OPTIONS', resolutionAdvice(explained)),
  ].join('\n');
}

/** Returns the lines of a section; none when it has no text. */
function section(title: string, text: string): string[] {
  if (text === '') return [];
  return ['', title, indented(text)];
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

function summary({ merchantName, payment, terminal }: PaymentStory): string[] {
  const { amountMinor: minor, currency, card, failure, doubtReason, flags } = payment;
  const paidWith = card
    ? `${payment.method} ${card.brand} ${card.first6}…${card.last4}`
    : payment.method;
  const why = failure ? `${failure.code}: ${failure.message}` : doubtReason;
  return [
    `${payment.reference}  ${payment.id}  of merchant ${merchantName}`,
    `${formatAmount({ minor, currency })} ${currency}, ${paidWith}, terminal ${terminal.name} ` +
      `(${terminal.mode}, ${terminal.protocol}, callbacks ${terminal.callbackEncryption})`,
    `status ${statusToWire(payment.status)}${why ? ` (${why})` : ''}, version ${payment.version}` +
      `, gateway ${payment.transId ?? 'unknown transID'}` +
      (payment.orderStatus === null ? '' : `, order_status ${payment.orderStatus}`),
    ...(flags.length > 0 ? [`flagged ${flags.join(', ')}`] : []),
  ];
}

/** Returns a line for what retention has removed. */
function endsOf({ ends }: PaymentHistory): string[] {
  const { personalDataErasedAt: erasedAt, historyEndedAt: endedAt } = ends ?? {};
  return [
    ...(erasedAt ? [`personal data erased at ${erasedAt.toISOString()}`] : []),
    ...(endedAt ? [`history up to its last event deleted at ${endedAt.toISOString()}`] : []),
  ];
}

/** Shown in place of rows that were deleted with the history. */
const DELETED = 'deleted with its history';

function attempts({ attempts: all, ends }: PaymentHistory): string {
  return all.length === 0 && ends?.historyEndedAt ? DELETED : attemptsTable(all);
}

function callbacks({ callbacks: all, ends }: PaymentHistory): string {
  if (all.length === 0) return ends?.historyEndedAt ? DELETED : 'none';
  const rows = all.map((callback) => [
    callback.receivedAt.toISOString(),
    callback.encrypted ? 'encrypted' : 'plain',
    verdictOf(callback),
    callback.reason ?? '',
  ]);
  return table(['RECEIVED', 'FORM', 'VERDICT', 'REASON'], rows);
}

function others({ concerned }: PaymentStory): string {
  if (concerned.length === 0) return '';
  const rows = concerned.map(({ merchantName, reference, status, transId, why }) => [
    merchantName,
    reference,
    status,
    transId ?? '',
    why,
  ]);
  return table(['MERCHANT', 'REFERENCE', 'STATUS', 'TRANSID', 'WHY'], rows);
}

function actions({ actions: all }: PaymentHistory): string {
  if (all.length === 0) return '';
  const rows = all.map(({ at, sequence, operator, proposedBy, action, why }) => [
    at.toISOString(),
    sequence === null ? '' : String(sequence),
    proposedBy === null ? operator : `${operator} (proposed by ${proposedBy})`,
    action,
    why ?? '',
  ]);
  return table(['AT', 'TRANSITION', 'BY', 'ACTION', 'EVIDENCE'], rows);
}
