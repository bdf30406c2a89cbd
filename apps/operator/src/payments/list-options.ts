// The options of `payments list` and `refunds list`.
import { type Command, InvalidArgumentError } from 'commander';
import { parseCount } from '../command/count.js';
import { parseDate } from '../command/times.js';

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

/** Returns the conditions that payments and refunds have in common, in Prisma's terms. */
export function conditionsOf<Status>({ status, since }: ListOptions<Status>) {
  return {
    ...(status && { status: { in: [...status] } }),
    ...(since && { createdAt: { gte: since } }),
  };
}
