// `payments list`: the newest payments of all merchants, by status.
import { PAYMENT_STATUSES, type PaymentStatus, statusToWire } from '@quittance/payments';
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

const STATUSES = new Map(
  (Object.keys(PAYMENT_STATUSES) as PaymentStatus[]).map((status) => [
    statusToWire(status),
    status,
  ]),
);

export function addPaymentCommands(program: Command, run: RunCommand): void {
  const payments = program.command('payments').description('the payments of all merchants');
  withListOptions(payments.command('list'), STATUSES)
    .description('list payments, newest first')
    .action((options: ListOptions<PaymentStatus>) => run((operator) => list(operator, options)));
}

async function list(operator: Operator, options: ListOptions<PaymentStatus>): Promise<void> {
  const { prisma, output } = operator;
  const rows = await prisma.paymentIntent.findMany({
    ...(await selectionOf(operator, options)),
    select: {
      id: true,
      reference: true,
      amountMinor: true,
      currency: true,
      method: true,
      status: true,
      failureCode: true,
      doubtReason: true,
      flags: true,
      version: true,
      createdAt: true,
      updatedAt: true,
      terminal: { select: { name: true, merchant: { select: { name: true } } } },
    },
  });
  remarkLimit(operator, rows, options.limit);
  output.list({
    rows,
    columns: {
      REFERENCE: ({ reference }) => reference,
      ID: ({ id }) => id,
      MERCHANT: ({ terminal }) => terminal.merchant.name,
      TERMINAL: ({ terminal }) => terminal.name,
      AMOUNT: (row) => `${amountOf(row)} ${row.currency}`,
      STATUS: ({ status }) => statusToWire(status),
      WHY: ({ failureCode, doubtReason }) => failureCode ?? doubtReason ?? '',
      CREATED: ({ createdAt }) => shortTime(createdAt),
      UPDATED: ({ updatedAt }) => shortTime(updatedAt),
    },
    json: (row) => ({
      id: row.id,
      reference: row.reference,
      merchant: row.terminal.merchant.name,
      terminal: row.terminal.name,
      amount: amountOf(row),
      currency: row.currency,
      method: row.method,
      status: statusToWire(row.status),
      failure_code: row.failureCode,
      doubt_reason: row.doubtReason,
      flags: row.flags,
      version: row.version,
      created_at: row.createdAt,
      updated_at: row.updatedAt,
    }),
    none: 'There are no such payments.',
  });
}
