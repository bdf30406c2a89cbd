// `queues failed|retry|discard`: the failed jobs of the queues, by reason. Without a count the
// changes only count.
import { subscriberQueue } from '@quittance/events';
import { changeFailedJobs, type FailedQueue, OperatorError } from '@quittance/operations';
import { Terminals } from '@quittance/persistence';
import type { FailedJobs, FailedSet } from '@quittance/queues';
import { type Command, InvalidArgumentError } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { withRedis } from '../command/redis.js';
import { shortTime } from '../command/table.js';

const SAMPLE_SIZE = 3;
const REASON_HELP = 'only jobs that failed for this reason, as "queues failed" shows it';

/** The options of `queues retry` and `queues discard`. */
interface ChangeOptions {
  readonly reason?: string;
  readonly count?: number;
  readonly until?: Date;
}

const CHANGES = {
  retry: 'return failed jobs to their queue, with all their attempts',
  discard: 'remove failed jobs; what is due in Postgres comes due again',
} as const;
type Change = keyof typeof CHANGES;

export function addQueueCommands(program: Command, run: RunCommand): void {
  const queues = program.command('queues').description('queues, and their failed jobs');
  queues
    .command('failed [queue]')
    .description('list failed jobs by queue and reason')
    .action((queue?: string) => run((operator) => listFailed(operator, queue)));
  for (const change of ['retry', 'discard'] as const) {
    queues
      .command(`${change} <queue>`)
      .description(CHANGES[change])
      .option('--reason <text>', REASON_HELP)
      .option('--count <n>', 'the jobs that were counted; without it they are counted', parseCount)
      .option('--until <time>', 'the time that was printed with the count', parseTime)
      .action((queue: string, options: ChangeOptions) =>
        run((operator) => changeOrCount(operator, { queue, change }, options)),
      );
  }
}

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number of jobs.');
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('Expected a time, as it was printed.');
}

interface FailedReason {
  readonly queue: string;
  readonly reason: string;
  readonly count: number;
  readonly oldest: string;
  readonly subjects: readonly string[];
}

async function listFailed(operator: Operator, queue: string | undefined): Promise<void> {
  const names = queue === undefined ? await queueNames(operator) : [await known(operator, queue)];
  const rows: FailedReason[] = [];
  for (const name of names) {
    await withFailedSet(operator, name, async (set) => {
      const { reasons } = await set.read(undefined, 0);
      for (const { reason, count } of reasons) {
        const { data } = await set.read(reason, SAMPLE_SIZE);
        const subjects = [...new Set(data.flatMap((job) => job.subjects))].slice(0, SAMPLE_SIZE);
        rows.push({ queue: name, reason, count, oldest: data[0]?.failed_at ?? '', subjects });
      }
    });
  }
  operator.output.list({
    rows,
    columns: {
      QUEUE: (row) => row.queue,
      JOBS: (row) => String(row.count),
      OLDEST: (row) => (row.oldest === '' ? '' : shortTime(new Date(row.oldest))),
      'SUCH AS': (row) => row.subjects.join(','),
      REASON: (row) => row.reason,
    },
    json: (row) => row,
    none: 'There are no failed jobs.',
  });
}

async function changeOrCount(
  operator: Operator,
  { queue, change }: { readonly queue: string; readonly change: Change },
  { reason, count, until }: ChangeOptions,
): Promise<void> {
  if ((count === undefined) !== (until === undefined))
    throw new OperatorError('Give --count and --until together, as they were printed.');
  const name = await known(operator, queue);
  await withFailedSet(operator, name, async (failed, holds) => {
    if (count === undefined || until === undefined)
      return counted(operator, change, await failed.read(reason, 0));
    const confirmed = { action: change, reason, count, until };
    const changed = await changeFailedJobs(operator, { name, holds, failed }, confirmed);
    operator.output.result(String(changed), { changed });
  });
}

function counted({ output }: Operator, change: Change, { matches, until }: FailedJobs): void {
  output.result(String(matches), { matches, until });
  if (until === null) output.remark('No failed job matches.');
  else output.remark(`To ${change} them, add --count ${matches} --until ${until}.`);
}

async function queueNames({ pool, subscribers }: Operator): Promise<string[]> {
  const { jobQueueNames } = await import('@quittance/queues');
  const lanes = await Terminals.withoutKeys(pool).lanes();
  return [...jobQueueNames(lanes), ...subscribers.map(subscriberQueue)];
}

async function known(operator: Operator, queue: string): Promise<string> {
  const names = await queueNames(operator);
  if (names.includes(queue)) return queue;
  throw new OperatorError(`There is no queue "${queue}"; there are ${names.join(', ')}.`);
}

async function withFailedSet(
  { queues, subscribers }: Operator,
  name: string,
  work: (set: FailedSet, holds: FailedQueue['holds']) => Promise<void>,
): Promise<void> {
  const { FailedSet, INTENTS_QUEUE, QueueRegistry } = await import('@quittance/queues');
  const isOfSubscriber = subscribers.some((one) => subscriberQueue(one) === name);
  const ofEvents = isOfSubscriber ? 'events' : 'jobs';
  const holds = name === INTENTS_QUEUE ? 'published' : ofEvents;
  await withRedis(queues, async ({ connection, prefix }) => {
    const registry = new QueueRegistry({ producer: connection }, prefix);
    try {
      await work(new FailedSet(registry.get(name)), holds);
    } finally {
      await registry.close();
    }
  });
}
