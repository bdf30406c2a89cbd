// `events failed|replay|replays`: events that a subscriber's handlers could not process, which stay
// in the subscriber's failed set until an operator replays them, and the events of a span of time.
import type { FailedEvents } from '@quittance/events';
import {
  countOfEvents,
  countSpan,
  OperatorError,
  replayEvents,
  replaySpan,
  subscribersOf,
} from '@quittance/operations';
import { EventReplays, listEventReplays } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime } from '../command/table.js';

/** Enough rows for a person; the total is printed too. */
const LISTED_MAX = 100;
const SUBSCRIBER_HELP = 'only this subscriber (default: each of EVENT_SUBSCRIBERS)';

/** `--subscriber`. */
interface SubscriberOption {
  readonly subscriber?: string;
}

/** The options of `events replay`. */
interface ReplayOptions extends SubscriberOption {
  readonly all?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly dryRun?: boolean;
}

export function addEventCommands(program: Command, run: RunCommand): void {
  const events = program.command('events').description('events that subscribers failed to handle');
  events
    .command('failed')
    .description('list the failed sets, oldest first')
    .option('--subscriber <name>', SUBSCRIBER_HELP)
    .action((options: SubscriberOption) => run((operator) => list(operator, options)));
  events
    .command('replay [id]')
    .description('retry failed entries, or hand over all events of a time once more')
    .option('--all', 'every failed entry')
    .option('--from <time or evt_…>', 'every event from then on, whether it failed or not')
    .option('--until <time>', 'with --from: the events before this time (default: now)')
    .option('--dry-run', 'with --from: count the events and do nothing')
    .option('--subscriber <name>', SUBSCRIBER_HELP)
    .action((id: string | undefined, options: ReplayOptions) =>
      run((operator) => replay(operator, id, options)),
    );
  events
    .command('replays')
    .description('list the replays of a time and their progress, newest first')
    .action(() => run(listReplays));
}

async function list(operator: Operator, options: SubscriberOption): Promise<void> {
  const rows: ListedFailure[] = [];
  await operator.withFailedSets(async (sets) => {
    for (const subscriber of subscribersOf(operator, options.subscriber)) {
      const { total, oldest } = await sets.list(subscriber, LISTED_MAX);
      rows.push(...oldest.map((failed) => listedFailure(subscriber, failed)));
      const left = total - oldest.length;
      if (left > 0) operator.output.remark(`${left} later entries of ${subscriber} are not shown.`);
    }
  });
  operator.output.list({
    rows,
    columns: {
      ID: ({ id }) => id,
      FAILED: ({ failed_at: at }) => shortTime(at),
      ATTEMPTS: ({ attempts }) => String(attempts),
      EVENTS: ({ events }) => events.join(','),
      REASON: ({ reason }) => reason,
    },
    json: (row) => row,
    none: 'There are no failed entries.',
  });
}

interface ListedFailure {
  readonly id: string;
  readonly failed_at: Date;
  readonly attempts: number;
  readonly events: readonly string[];
  readonly reason: string;
}

function listedFailure(subscriber: string, failed: FailedEvents): ListedFailure {
  const { id, failedAt, attempts, events, reason } = failed;
  const [firstLine = ''] = reason.split('\n');
  return {
    id: `${subscriber}/${id}`,
    failed_at: failedAt,
    attempts,
    events: events.map((event) => event.id),
    reason: firstLine,
  };
}

const REPLAYED =
  'Back on the queue with all attempts. Subscribers ignore events that they have already handled.';

/** Replays the selected entries, or proposes it. */
async function replay(
  operator: Operator,
  id: string | undefined,
  options: ReplayOptions,
): Promise<void> {
  const { from, until, dryRun } = options;
  const selectors = [id, options.all, from].filter((one) => one !== undefined);
  if (selectors.length !== 1) {
    throw new OperatorError('Select an id of "events failed", an event’s id, --all, or --from.');
  }
  if (from !== undefined) return replayTime(operator, { ...options, from });
  if (until !== undefined || dryRun === true) {
    throw new OperatorError('--until and --dry-run belong to --from.');
  }
  const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
  const subscribers = subscribersOf(operator, named ?? options.subscriber);
  const selection = { subscribers, id: jobId ?? id ?? null };
  const { replayed, proposed } = await replayEvents(operator, selection, id);
  if (proposed !== undefined) return operator.output.result(proposed, { done: proposed });
  operator.output.result(String(replayed), { replayed });
  operator.output.remark(replayed === 0 ? 'There are no failed entries.' : REPLAYED);
}

/** Replays the events of a span of time, or with `--dry-run` counts them. */
async function replayTime(
  operator: Operator,
  options: ReplayOptions & { readonly from: string },
): Promise<void> {
  const { pool, clock, output } = operator;
  if (options.subscriber !== undefined) subscribersOf(operator, options.subscriber);
  const span = await countSpan(new EventReplays(pool), options, clock.now());
  if (options.dryRun === true) {
    const counted = countOfEvents(span.events);
    return output.result(counted, { events: span.events });
  }
  const { events, done } = await replaySpan(operator, options.subscriber ?? null, span);
  output.result(done, { events, done });
}

async function listReplays({ prisma, output }: Operator): Promise<void> {
  output.list({
    rows: await listEventReplays(prisma, LISTED_MAX),
    columns: {
      ID: ({ id }) => id,
      SUBSCRIBER: ({ subscriber }) => subscriber ?? 'all',
      FROM: ({ fromAt }) => shortTime(fromAt),
      UNTIL: ({ untilAt }) => shortTime(untilAt),
      EVENTS: ({ replayed }) => String(replayed),
      REACHED: ({ reachedAt, endedAt }) => (endedAt ? 'the end' : shortTime(reachedAt)),
      BY: ({ requestedBy }) => requestedBy,
    },
    json: (row) => ({
      id: row.id,
      subscriber: row.subscriber,
      from: row.fromAt,
      until: row.untilAt,
      events: Number(row.replayed),
      reached_at: row.reachedAt,
      ended_at: row.endedAt,
      requested_by: row.requestedBy,
      requested_at: row.requestedAt,
    }),
    none: 'There are no replays of a time.',
  });
}
