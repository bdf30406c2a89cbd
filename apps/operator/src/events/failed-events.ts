// `events failed|replay`: events that a subscriber's handlers could not process. They stay in the
// subscriber's failed set until an operator fixes the cause and replays them. The queues are in
// Redis, so the audit commits first and the queues change after it: an audit row without a change
// can be explained, a change without an audit row cannot.
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

/** Enough rows for a person; the total is printed too. */
const LISTED_MAX = 100;
const SUBSCRIBER_HELP = 'only this subscriber (default: each of EVENT_SUBSCRIBERS)';

/** The options of `events replay`. */
interface ReplayOptions extends SubscriberOption {
  readonly all?: boolean;
}

/**
 * The selected entries of the failed sets. `id` is the id of an entry or of an event; null selects
 * all.
 */
interface ReplaySelection {
  readonly subscribers: readonly string[];
  readonly id: string | null;
}

/** The arguments of a proposal; `waiting` is the number of entries when it was made. */
interface ReplayArguments extends ReplaySelection {
  readonly waiting: number;
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
  const rows: string[][] = [];
  await withQueues(operator, async (queues) => {
    for (const subscriber of subscribersOf(operator, options)) {
      const { total, oldest } = await listFailed({ ...queues, subscriber }, LISTED_MAX);
      rows.push(...oldest.map((failed) => rowOf(subscriber, failed)));
      const left = total - oldest.length;
      if (left > 0) operator.remark(`${left} later entries of ${subscriber} are not shown.`);
    }
  });
  operator.print(table(['ID', 'FAILED', 'ATTEMPTS', 'EVENTS', 'REASON'], rows));
}

function rowOf(subscriber: string, failed: FailedEvents): string[] {
  const { id, failedAt, attempts, events, reason } = failed;
  const held = events.map((event) => event.id).join(',');
  const [firstLine = ''] = reason.split('\n');
  return [`${subscriber}/${id}`, shortTime(failedAt), String(attempts), held, firstLine];
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
  const whose = named === undefined ? options : { subscriber: named };
  const selection = { subscribers: subscribersOf(operator, whose), id: jobId ?? id ?? null };
  await withQueues(operator, async (queues) => {
    const waiting = await countSelected(queues, selection);
    if (waiting === 0 && id !== undefined) {
      throw new OperatorError(`No failed entry has or contains ${id}; see "events failed".`);
    }
    if (waiting === 0) {
      operator.print('0');
      return operator.remark('There are no failed entries.');
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

/** Replays the entries of a proposal that are still failed, after the approval is committed. */
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
  if (waiting === 0)
    throw new OperatorError('None of these entries is failed any more. Nothing was changed.');
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
 * Returns the audit subject. Ids of entries and events are our own and contain no secret. An
 * operator may type anything, but only an id that was found gets here.
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
