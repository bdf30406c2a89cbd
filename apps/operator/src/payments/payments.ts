// `payments list`: the newest payments of all merchants, by status.
import { PAYMENT_STATUSES, type PaymentStatus, statusToWire } from '@quittance/payments';
import { NewestLists } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';
import {
  amountOf,
  filterOf,
  type ListOptions,
  remarkLimit,
  withListOptions,
} from './list-options.js';

const STATUSES = (Object.keys(PAYMENT_STATUSES) as PaymentStatus[]).map(statusToWire);

export function addPaymentCommands(program: Command, run: RunCommand): void {
  const payments = program.command('payments').description('the payments of all merchants');
  withListOptions(payments.command('list'), STATUSES)
    .description('list payments, newest first')
    .action((options: ListOptions) => run((operator) => list(operator, options)));
}

async function list(operator: Operator, options: ListOptions): Promise<void> {
  const lists = new NewestLists(operator.pool);
  const rows = await lists.payments(await filterOf(operator, options));
  remarkLimit(operator, rows, options.limit);
  operator.output.list({
    rows,
    columns: {
      REFERENCE: ({ reference }) => reference,
      ID: ({ id }) => id,
      MERCHANT: ({ merchant }) => merchant,
      TERMINAL: ({ terminal }) => terminal,
      AMOUNT: (row) => `${amountOf(row)} ${row.currency}`,
      STATUS: ({ status }) => status,
      WHY: ({ failure_code: failure, doubt_reason: doubt }) => failure ?? doubt ?? '',
      CREATED: ({ created_at: at }) => shortTime(at),
      UPDATED: ({ updated_at: at }) => shortTime(at),
    },
    json: ({ minor, ...row }) => ({ ...row, amount: amountOf({ minor, currency: row.currency }) }),
    none: 'There are no such payments.',
  });
}
