// The options of `payments list` and `refunds list`.
import { formatAmount } from '@quittance/payments';
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../command/count.js';
import type { Operator } from '../command/operator.js';
import { parseDate } from '../command/times.js';
import { findMerchant } from '../merchants/merchants.js';

/** Enough rows for a person. */
const LISTED_MAX = 100;

/** The options as commander parses them; an omitted one does not restrict. */
export interface ListOptions<Status> {
  readonly status?: readonly Status[];
  readonly merchant?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** Declares the options on `command`. `statuses` are the values of `--status` on the wire. */
export function withListOptions<Status>(
  command: Command,
  statuses: ReadonlyMap<string, Status>,
): Command {
  return command
    .option(
      '--status <list>',
      `only these, separated by commas: ${[...statuses.keys()].join(', ')}`,
      parseStatuses(statuses),
    )
    .option('--merchant <name>', 'only those of this merchant')
    .option('--since <date>', 'only those created since then, e.g. 2027-01-31', parseDate)
    .option('--limit <number>', 'number of rows', parseCount, LISTED_MAX);
}

function parseStatuses<Status>(statuses: ReadonlyMap<string, Status>) {
  return (list: string): Status[] => {
    const words = [...new Set(list.split(',').map((word) => word.trim()))];
    const known = words.flatMap((word) => statuses.get(word) ?? []);
    if (known.length === words.length) return known;
    throw new InvalidArgumentError(`A status is one of ${[...statuses.keys()].join(', ')}.`);
  };
}

/** Returns the newest rows that the options select, in Prisma's terms. */
export async function selectionOf<Status>(
  operator: Operator,
  { status, merchant, since, limit }: ListOptions<Status>,
) {
  const where = {
    ...(status && { status: { in: [...status] } }),
    ...(since && { createdAt: { gte: since } }),
    ...(merchant !== undefined && { merchantId: (await findMerchant(operator, merchant)).id }),
  };
  return { where, orderBy: { id: 'desc' }, take: limit } as const;
}

/** Says on stderr that a list has as many rows as were asked for. */
export function remarkLimit({ output }: Operator, rows: readonly unknown[], limit: number): void {
  if (rows.length === limit) output.remark(`Only the newest ${limit} are shown; see --limit.`);
}

/** Returns the amount of a row in major units. */
export function amountOf(row: { amountMinor: bigint; currency: string }): string {
  return formatAmount({ minor: row.amountMinor, currency: row.currency });
}
