// `events failed|replay`: events that a subscriber's handlers could not process. They stay in the
// subscriber's failed set until an operator fixes the cause and replays them.
import type { FailedEvents } from '@quittance/events';
import { OperatorError, replayEvents, subscribersOf } from '@quittance/operations';
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
    .description('retry one failed entry, by its id or an event’s, or --all')
    .option('--all', 'every failed entry')
    .option('--subscriber <name>', SUBSCRIBER_HELP)
    .action((id: string | undefined, options: ReplayOptions) =>
      run((operator) => replay(operator, id, options)),
    );
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
  if ((id === undefined) !== (options.all === true)) {
    throw new OperatorError('Select an id of "events failed", an event’s id, or --all.');
  }
  const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
  const subscribers = subscribersOf(operator, named ?? options.subscriber);
  const selection = { subscribers, id: jobId ?? id ?? null };
  const { replayed, proposed } = await replayEvents(operator, selection, id);
  if (proposed !== undefined) return operator.output.result(proposed, { done: proposed });
  operator.output.result(String(replayed), { replayed });
  operator.output.remark(replayed === 0 ? 'There are no failed entries.' : REPLAYED);
}
