// `events failed|replay`: events that a subscriber's handlers could not process. They wait in the
// subscriber's failed set until the cause is mended and a person replays them. The queues are in
// Redis, so the audit commits first and the queues change after it: an audit that says too much can
// be explained, a change without an audit row cannot.
import { countFailed, type FailedEvents, listFailed, replayFailed } from '@quittance/events';
import {
  act,
  type ActionContext,
  approvalOf,
  needsSecondForNumber,
  OperatorError,
  propose,
} from '@quittance/operations';
import type { Proposal } from '@quittance/persistence';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { shortTime, table } from '../command/table.js';
import { withQueues, type Queues, type SubscriberOption, subscribersOf } from './queues.js';

/** More rows than a person reads; the total is printed too. */
const LISTED_MAX = 100;
const SUBSCRIBER_HELP = 'only of this subscriber (default: each of EVENT_SUBSCRIBERS)';

/** The options of the command. */
interface ReplayOptions extends SubscriberOption {
  readonly all?: boolean;
}

/** Which entries of the failed sets; `id` is an entry's or an event's, null stands for all. */
interface ReplaySelection {
  readonly subscribers: readonly string[];
  readonly id: string | null;
}

/** What a proposal keeps; `waiting` is how many there were. */
interface ReplayArguments extends ReplaySelection {
  readonly waiting: number;
}

export function addEventCommands(program: Command, run: RunCommand): void {
  const events = program.command('events').description('events that subscribers could not handle');
  events
    .command('failed')
    .description('what waits in the failed sets, oldest first')
    .option('--subscriber <name>', SUBSCRIBER_HELP)
    .action((options: SubscriberOption) => run((operator) => list(operator, options)));
  events
    .command('replay [id]')
    .description('handle again what failed: one, by its id or an event’s, or --all of it')
    .option('--all', 'everything that failed')
    .option('--subscriber <name>', SUBSCRIBER_HELP)
    .action((id: string | undefined, options: ReplayOptions) =>
      run((operator) => replay(operator, id, options)),
    );
}

async function list(operator: Operator, options: SubscriberOption): Promise<void> {
  const rows: string[][] = [];
  await withQueues(operator, async (queues) => {
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

const REPLAYED = 'Put back on the queue with all their tries. What was handled before is dropped.';

/** Replays one, or all, or proposes to. */
async function replay(
  operator: Operator,
  id: string | undefined,
  options: ReplayOptions,
): Promise<void> {
  if ((id === undefined) !== (options.all === true)) {
    throw new OperatorError('Say which: an id of "events failed", an event’s id, or --all.');
  }
  const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
  const whose = named === undefined ? options : { subscriber: named };
  const selection = { subscribers: subscribersOf(operator, whose), id: jobId ?? id ?? null };
  await withQueues(operator, async (queues) => {
    const waiting = await countSelected(queues, selection);
    if (waiting === 0 && id !== undefined) {
      throw new OperatorError(`Nothing that failed is or holds ${id}; see "events failed".`);
    }
    if (waiting === 0) {
      operator.print('0');
      return operator.remark('Nothing has failed.');
    }
    const proposed = await act(operator, {}, async (acting) => {
      if (needsSecondForNumber(operator, acting, waiting)) {
        const given: ReplayArguments = { ...selection, waiting };
        const wanted = { action: 'events replay', arguments: given } as const;
        return propose(operator, acting, { ...wanted, subject: subjectOf(selection) });
      }
      audited(acting, selection, waiting);
      acting.afterCommit(async () => {
        operator.print(String(await replaySelected(queues, selection)));
        operator.remark(REPLAYED);
      });
      return undefined;
    });
    if (proposed !== undefined) operator.print(proposed);
  });
}

/** Replays what was proposed, as much of it as waits now, after the approval is committed. */
export async function replayAsProposed(
  operator: Operator,
  acting: ActionContext,
  proposal: Proposal,
): Promise<string> {
  const { subscribers, id } = proposal.arguments as ReplayArguments;
  const selection = { subscribers, id };
  let waiting = 0;
  await withQueues(operator, async (queues) => {
    waiting = await countSelected(queues, selection);
  });
  if (waiting === 0) throw new OperatorError('Nothing of it waits any more. Nothing was done.');
  audited(acting, selection, waiting, proposal);
  acting.afterCommit(() =>
    withQueues(operator, async (queues) => {
      await replaySelected(queues, selection);
      operator.remark(REPLAYED);
    }),
  );
  return String(waiting);
}

function audited(
  acting: ActionContext,
  selection: ReplaySelection,
  waiting: number,
  proposal?: Proposal,
): void {
  acting.audit({
    action: 'events replay',
    subject: subjectOf(selection),
    before: { failed: waiting },
    after: { subscribers: selection.subscribers, id: selection.id },
    ...approvalOf(proposal),
  });
}

/**
 * Ids of entries and events are our own, so that nothing secret is in them; a person may have typed
 * anything, but it was found.
 */
function subjectOf({ subscribers, id }: ReplaySelection) {
  const whose = subscribers.join(',');
  return { kind: 'events', id: `${whose}/${id ?? '*'}`.slice(0, SUBJECT_LENGTH_MAX) } as const;
}

const SUBJECT_LENGTH_MAX = 200;

async function countSelected(
  queues: Queues,
  { subscribers, id }: ReplaySelection,
): Promise<number> {
  let count = 0;
  for (const subscriber of subscribers) {
    count += await countFailed({ ...queues, subscriber, ...(id !== null && { id }) });
  }
  return count;
}

async function replaySelected(
  queues: Queues,
  { subscribers, id }: ReplaySelection,
): Promise<number> {
  let replayed = 0;
  for (const subscriber of subscribers) {
    replayed += await replayFailed({ ...queues, subscriber, ...(id !== null && { id }) });
  }
  return replayed;
}
