// `lanes list|set|pause|resume`: the submission queues and what limits them.
import { Lanes } from '@quittance/persistence';
import { loadLanes, OperatorError, pauseLane, resumeLane, setLane } from '@quittance/operations';
import { type Command, InvalidArgumentError } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { withRedis } from '../command/redis.js';
import { shortTime } from '../command/table.js';

/** The options of `lanes set`; a missing one changes nothing. */
interface LimitOptions {
  readonly concurrency?: number | 'none';
  readonly rate?: number | 'none';
}

/** The limit of the database. */
const LIMIT_MAX = 10_000;

export function addLaneCommands(program: Command, run: RunCommand): void {
  const lanes = program.command('lanes').description('submission queues, and what limits them');
  lanes
    .command('list')
    .description('list all lanes with their limits, and what holds each back')
    .action(() => run(listLanes));
  lanes
    .command('set <name>')
    .description('change its limits, for all workers together')
    .option('--concurrency <n>', 'most submissions in flight; "none" removes it', parseLimit)
    .option('--rate <n>', 'most submissions that start in a second; "none" removes it', parseLimit)
    .action((name: string, options: LimitOptions) =>
      run((operator) => changeLimits(operator, name, options)),
    );
  lanes
    .command('pause <name>')
    .description('stop submitting its payments; they stay queued')
    .requiredOption('--reason <text>', 'the reason, for later readers')
    .action((name: string, { reason }: { reason: string }) =>
      run(async (operator) => {
        await pauseLane(operator, name, reason);
        operator.output.remark(
          `"${name}" is paused: nothing is submitted except requests that are already in flight.`,
        );
      }),
    );
  lanes
    .command('resume <name>')
    .description('resume submitting its payments')
    .action((name: string) =>
      run(async (operator) => {
        await resumeLane(operator, name);
        operator.output.remark(`"${name}" is resumed. Workers continue within two seconds.`);
      }),
    );
}

function parseLimit(text: string): number | 'none' {
  if (text === 'none') return text;
  const limit = Number(text);
  if (/^\d{1,5}$/.test(text) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${LIMIT_MAX}, or "none".`);
}

async function changeLimits(
  operator: Operator,
  name: string,
  { concurrency, rate }: LimitOptions,
): Promise<void> {
  if (concurrency === undefined && rate === undefined)
    throw new OperatorError('Nothing to change: give --concurrency or --rate.');
  await setLane(operator, name, {
    ...(concurrency !== undefined && { concurrency: limitOf(concurrency) }),
    ...(rate !== undefined && { ratePerSecond: limitOf(rate) }),
  });
  operator.output.remark(`"${name}" is changed. Workers apply it within two seconds.`);
}

const limitOf = (value: number | 'none') => (value === 'none' ? null : value);

async function listLanes({ pool, clock, queues, output }: Operator): Promise<void> {
  const states = await readQueues(pool, queues).catch((error: unknown) => {
    if (!(error instanceof OperatorError)) throw error;
    output.remark(error.message);
    return null;
  });
  output.list({
    rows: await loadLanes({ pool, clock, queues: states }),
    columns: {
      LANE: ({ name }) => name,
      TERMINALS: ({ terminals }) => String(terminals),
      CONCURRENCY: ({ concurrency }) => String(concurrency ?? ''),
      RATE: ({ rate_per_second: rate }) => (rate === null ? '' : `${rate}/s`),
      WORKERS: ({ workers }) => String(workers),
      'IN FLIGHT': ({ in_flight: inFlight }) => String(inFlight),
      WAITING: ({ jobs }) => String(jobs?.waiting ?? ''),
      OLDEST: ({ oldest_seconds: age }) => seconds(age),
      'P95 WAIT': ({ wait_p95_seconds: wait }) => seconds(wait),
      DRAIN: ({ drain_seconds: drain }) => seconds(drain),
      'HELD BACK BY': ({ pause, held_back: { by, sentence } }) =>
        pause ? `${by} since ${shortTime(pause.at)}. ${sentence}` : sentence,
    },
    json: (lane) => lane,
    none: 'There are no lanes; a terminal has one.',
  });
}

const seconds = (value: number | null) => (value === null ? '' : `${value.toPrecision(2)} s`);

async function readQueues(pool: Operator['pool'], queues: Operator['queues']) {
  const { queueOf, QueueRegistry, readQueueState } = await import('@quittance/queues');
  const lanes = await new Lanes(pool).list();
  return withRedis(queues, async ({ connection, prefix }) => {
    const registry = new QueueRegistry({ producer: connection }, prefix);
    try {
      const names = lanes.map(({ name }) => queueOf('payment.submit.v1', name));
      return await Promise.all(names.map((name) => readQueueState(registry.get(name))));
    } finally {
      await registry.close();
    }
  });
}
