// `events failed|replay`: events that a subscriber's handlers could not process. They stay in the
// subscriber's failed set until an operator fixes the cause and replays them. The queues are in
// Redis, so the audit commits first and the queues change after it: an audit row without a change
// can be explained, a change without an audit row cannot.
import type { FailedEvents } from '@quittance/events';
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
import { shortTime } from '../command/table.js';
import {
  type FailedSets,
  type SubscriberOption,
  subscribersOf,
  withFailedSets,
} from './failed-sets.js';

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
  const rows: ListedFailure[] = [];
  await withFailedSets(operator, async (sets) => {
    for (const subscriber of subscribersOf(operator, options)) {
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
  const whose = named === undefined ? options : { subscriber: named };
  const selection = { subscribers: subscribersOf(operator, whose), id: jobId ?? id ?? null };
  await withFailedSets(operator, async (sets) => {
    const waiting = await countSelected(sets, selection);
    if (waiting === 0 && id !== undefined) {
      throw new OperatorError(`No failed entry has or contains ${id}; see "events failed".`);
    }
    if (waiting === 0) {
      operator.output.result('0', { replayed: 0 });
      return operator.output.remark('There are no failed entries.');
    }
    const proposed = await act(operator, {}, async (acting) => {
      if (needsSecondForNumber(operator, acting, waiting)) {
        const given: ReplayArguments = { ...selection, waiting };
        const wanted = { action: 'events replay', arguments: given } as const;
        return propose(operator, acting, { ...wanted, subject: subjectOf(selection) });
      }
      audited(acting, selection, waiting);
      acting.afterCommit(async () => {
        const replayed = await replaySelected(sets, selection);
        operator.output.result(String(replayed), { replayed });
        operator.output.remark(REPLAYED);
      });
      return undefined;
    });
    if (proposed !== undefined) operator.output.result(proposed, { done: proposed });
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
  await withFailedSets(operator, async (sets) => {
    waiting = await countSelected(sets, selection);
  });
  if (waiting === 0)
    throw new OperatorError('None of these entries is failed any more. Nothing was changed.');
  audited(acting, selection, waiting, proposal);
  acting.afterCommit(() =>
    withFailedSets(operator, async (sets) => {
      await replaySelected(sets, selection);
      operator.output.remark(REPLAYED);
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
  sets: FailedSets,
  { subscribers, id }: ReplaySelection,
): Promise<number> {
  let count = 0;
  for (const subscriber of subscribers) count += await sets.count(subscriber, id);
  return count;
}

async function replaySelected(
  sets: FailedSets,
  { subscribers, id }: ReplaySelection,
): Promise<number> {
  let replayed = 0;
  for (const subscriber of subscribers) replayed += await sets.replay(subscriber, id);
  return replayed;
}
