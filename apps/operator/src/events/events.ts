// `events failed|replay`: events that a subscriber's handlers could not take. They wait in the subscriber's failed set until a
// person has mended what made them fail.
import { type FailedEvents, listFailed } from '@quittance/events';
import type { Command } from 'commander';
import type { Operator } from '../command/operator.js';
import type { RunCommand } from '../command/run-command.js';
import { shortTime, table } from '../command/table.js';
import { onQueues, type SubscriberOption, subscribersOf } from './queues.js';
import { replay, type ReplayChoice } from './replay.js';

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
