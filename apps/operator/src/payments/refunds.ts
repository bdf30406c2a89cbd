// `refunds list|resolve`: the refunds of all merchants. `refunds explain` is in explain/.
import { REFUND_STATUSES, type RefundStatus, refundStatusToWire } from '@quittance/payments';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';
import {
  amountOf,
  type ListOptions,
  remarkLimit,
  selectionOf,
  withListOptions,
} from './list-options.js';
import { addResolveRefundCommand } from './resolve-refund.js';

const STATUSES = new Map(
  (Object.keys(REFUND_STATUSES) as RefundStatus[]).map((status) => [
    refundStatusToWire(status),
    status,
  ]),
);

/** Returns the command `refunds`, to which explain/ adds its subcommand. */
export function addRefundCommands(program: Command, run: RunCommand): Command {
  const refunds = program.command('refunds').description('the refunds of all merchants');
  withListOptions(refunds.command('list'), STATUSES)
    .description('list refunds, newest first')
    .action((options: ListOptions<RefundStatus>) => run((operator) => list(operator, options)));
  addResolveRefundCommand(refunds, run);
  return refunds;
}

async function list(operator: Operator, options: ListOptions<RefundStatus>): Promise<void> {
  const { prisma, output } = operator;
  const rows = await prisma.refund.findMany({
    ...(await selectionOf(operator, options)),
    include: {
      payment: {
        select: {
          reference: true,
          terminal: { select: { merchant: { select: { name: true } } } },
        },
      },
    },
  });
  remarkLimit(operator, rows, options.limit);
  output.list({
    rows,
    columns: {
      REFERENCE: ({ reference }) => reference,
      ID: ({ id }) => id,
      PAYMENT: ({ payment }) => payment.reference,
      MERCHANT: ({ payment }) => payment.terminal.merchant.name,
      AMOUNT: (row) => `${amountOf(row)} ${row.currency}`,
      STATUS: ({ status }) => refundStatusToWire(status),
      WHY: ({ failureCode, doubtReason }) => failureCode ?? doubtReason ?? '',
      CREATED: ({ createdAt }) => shortTime(createdAt),
      UPDATED: ({ updatedAt }) => shortTime(updatedAt),
    },
    json: (row) => ({
      id: row.id,
      reference: row.reference,
      payment_intent: row.paymentId,
      payment_reference: row.payment.reference,
      merchant: row.payment.terminal.merchant.name,
      amount: amountOf(row),
      currency: row.currency,
      status: refundStatusToWire(row.status),
      failure_code: row.failureCode,
      doubt_reason: row.doubtReason,
      version: row.version,
      created_at: row.createdAt,
      updated_at: row.updatedAt,
    }),
    none: 'There are no such refunds.',
  });
}
