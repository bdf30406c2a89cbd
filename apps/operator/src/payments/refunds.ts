// `refunds list|resolve`: the refunds of all merchants. `refunds explain` is in explain/.
import { REFUND_STATUSES, type RefundStatus, refundStatusToWire } from '@quittance/payments';
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
import { addResolveRefundCommand } from './resolve-refund.js';

const STATUSES = (Object.keys(REFUND_STATUSES) as RefundStatus[]).map(refundStatusToWire);

/** Returns the command `refunds`, to which explain/ adds its subcommand. */
export function addRefundCommands(program: Command, run: RunCommand): Command {
  const refunds = program.command('refunds').description('the refunds of all merchants');
  withListOptions(refunds.command('list'), STATUSES)
    .description('list refunds, newest first')
    .action((options: ListOptions) => run((operator) => list(operator, options)));
  addResolveRefundCommand(refunds, run);
  return refunds;
}

async function list(operator: Operator, options: ListOptions): Promise<void> {
  const lists = new NewestLists(operator.pool);
  const rows = await lists.refunds(await filterOf(operator, options));
  remarkLimit(operator, rows, options.limit);
  operator.output.list({
    rows,
    columns: {
      REFERENCE: ({ reference }) => reference,
      ID: ({ id }) => id,
      PAYMENT: ({ payment_reference: reference }) => reference,
      MERCHANT: ({ merchant }) => merchant,
      AMOUNT: (row) => `${amountOf(row)} ${row.currency}`,
      STATUS: ({ status }) => status,
      WHY: ({ failure_code: failure, doubt_reason: doubt }) => failure ?? doubt ?? '',
      CREATED: ({ created_at: at }) => shortTime(at),
      UPDATED: ({ updated_at: at }) => shortTime(at),
    },
    json: ({ minor, ...row }) => ({ ...row, amount: amountOf({ minor, currency: row.currency }) }),
    none: 'There are no such refunds.',
  });
}
