// The options of `payments list` and `refunds list`.
import { formatAmount } from '@quittance/payments';
import type { NewestFilter } from '@quittance/persistence';
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../command/count.js';
import type { Operator } from '../command/operator.js';
import { parseDate } from '../command/times.js';
import { findMerchant } from '../merchants/merchants.js';

/** Enough rows for a person. */
const LISTED_MAX = 100;

/** The options as commander parses them; an omitted one does not restrict. */
export interface ListOptions {
  /** In the form of the wire, e.g. `in_doubt`. */
  readonly status?: readonly string[];
  readonly merchant?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** Declares the options on `command`. `statuses` are the values of `--status`. */
export function withListOptions(command: Command, statuses: readonly string[]): Command {
  return command
    .option(
      '--status <list>',
      `only these, separated by commas: ${statuses.join(', ')}`,
      parseStatuses(statuses),
    )
    .option('--merchant <name>', 'only those of this merchant')
    .option('--since <date>', 'only those created since then, e.g. 2027-01-31', parseDate)
    .option('--limit <number>', 'number of rows', parseCount, LISTED_MAX);
}

function parseStatuses(statuses: readonly string[]) {
  return (list: string): string[] => {
    const words = [...new Set(list.split(',').map((word) => word.trim()))];
    if (words.every((word) => statuses.includes(word))) return words;
    throw new InvalidArgumentError(`A status is one of ${statuses.join(', ')}.`);
  };
}

/** Returns the conditions that the options set. */
export async function filterOf(
  operator: Operator,
  { status, merchant, since, limit }: ListOptions,
): Promise<NewestFilter> {
  const merchantId =
    merchant === undefined ? undefined : (await findMerchant(operator, merchant)).id;
  return { statuses: status, merchantId, since, limit };
}

/** Says on stderr that a list has as many rows as were asked for. */
export function remarkLimit({ output }: Operator, rows: readonly unknown[], limit: number): void {
  if (rows.length === limit) output.remark(`Only the newest ${limit} are shown; see --limit.`);
}

/** Returns the amount of a row in major units. */
export function amountOf(row: { readonly minor: string; readonly currency: string }): string {
  return formatAmount({ minor: BigInt(row.minor), currency: row.currency });
}
