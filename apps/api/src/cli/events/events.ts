// `events failed|replay`: events that a subscriber's handlers could not take. They wait in the subscriber's failed set until a
// person has mended what made them fail.
import { type FailedEvents, listFailed, replayFailed } from '@quittance/events';
import { createLogger } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import type { Command } from 'commander';
import type { Operator } from '../operator.js';
import { OperatorError } from '../operator-error.js';
import type { RunCommand } from '../run-command.js';
import { shortTime, table } from '../table.js';

interface SubscriberOption {
  readonly subscriber?: string;
}
interface ReplayChoice extends SubscriberOption {
  readonly all?: boolean;
}
type Queues = Pick<Parameters<typeof replayFailed>[0], 'connection' | 'prefix'>;

/** As many as a person reads; the total is told. */
const LISTED_MAX = 100;
const WHOSE = 'only of this subscriber (default: each of EVENT_SUBSCRIBERS)';

export function addEventCommands(program: Command, run: RunCommand): void {
  const events = program.command('events').description('events that subscribers could not handle');
  events
    .command('failed')
    .description('what waits in the failed sets, oldest first')
    .option('--subscriber <name>', WHOSE)
    .action((options: SubscriberOption) => run((operator) => list(operator, options)));
  events
    .command('replay [id]')
    .description('handle again what failed: one, by its id or an event’s, or --all of it')
    .option('--all', 'everything that failed')
    .option('--subscriber <name>', WHOSE)
    .action((id: string | undefined, options: ReplayChoice) =>
      run((operator) => replay(operator, id, options)),
    );
}

async function list(operator: Operator, options: SubscriberOption): Promise<void> {
  const rows: string[][] = [];
  await onQueues(operator, async (queues) => {
    for (const subscriber of subscribersOf(operator, options)) {
      const { total, oldest } = await listFailed({ ...queues, subscriber }, LISTED_MAX);
      rows.push(...oldest.map((failed) => rowOf(subscriber, failed)));
      const left = total - oldest.length;
      if (left > 0) operator.remark(`${left} later ones of ${subscriber} are left out.`);
    }
  });
  operator.print(table(['ID', 'FAILED', 'TRIES', 'EVENTS', 'REASON'], rows));
}

function rowOf(subscriber: string, failed: FailedEvents): string[] {
  const { id, failedAt, attempts, events, reason } = failed;
  const held = events.map((event) => event.id).join(',');
  const [firstLine = ''] = reason.split('\n');
  return [`${subscriber}/${id}`, shortTime(failedAt), String(attempts), held, firstLine];
}

async function replay(
  operator: Operator,
  id: string | undefined,
  options: ReplayChoice,
): Promise<void> {
  if ((id === undefined) !== (options.all === true)) {
    throw new OperatorError('Say which: an id of "events failed", an event’s id, or --all.');
  }
  const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
  const wanted = jobId ?? id;
  const subscribers = subscribersOf(
    operator,
    named === undefined ? options : { subscriber: named },
  );
  let replayed = 0;
  await onQueues(operator, async (queues) => {
    for (const subscriber of subscribers) {
      const which = wanted === undefined ? {} : { id: wanted };
      replayed += await replayFailed({ ...queues, subscriber, ...which });
    }
  });
  if (replayed === 0 && id !== undefined) {
    throw new OperatorError(`Nothing that failed is or holds ${id}; see "events failed".`);
  }
  operator.print(String(replayed));
  operator.remark(
    replayed === 0
      ? 'Nothing has failed.'
      : 'Put back on the queue with all their tries. What was handled before is dropped.',
  );
}

/** A name that nobody publishes to would be a queue that nobody fills. */
function subscribersOf({ queues }: Operator, { subscriber }: SubscriberOption): readonly string[] {
  if (subscriber === undefined) return queues.subscribers;
  if (queues.subscribers.includes(subscriber)) return [subscriber];
  throw new OperatorError(
    `There is no subscriber "${subscriber}"; EVENT_SUBSCRIBERS names ${queues.subscribers.join(', ')}.`,
  );
}

async function onQueues(
  { queues: { url, prefix } }: Operator,
  work: (queues: Queues) => Promise<void>,
): Promise<void> {
  if (!url) throw new OperatorError('REDIS_URL is not set; the failed events are in Redis.');
  const log = createLogger({ name: 'quittance-cli', level: 'silent' });
  const redis = new RedisConnections({ url, log });
  try {
    await redis.ping().catch(() => {
      throw new OperatorError('Redis cannot be reached; see REDIS_URL.');
    });
    await work({ connection: redis.producer, prefix });
  } finally {
    await redis.close();
  }
}
