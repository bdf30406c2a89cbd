// `events replay`: what failed is handled again. The queues are in Redis, so the audit commits first and the queues change after it:
// an audit that says too much can be explained, a change that nobody knows of cannot.
import { countFailed, replayFailed } from '@quittance/events';
import type { Proposal } from '@quittance/persistence';
import { type Acting, act } from '../audit/act.js';
import { needsSecondForNumber, propose } from '../proposals/propose.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { onQueues, type Queues, type SubscriberOption, subscribersOf } from './queues.js';

/** The options of the command. */
export interface ReplayChoice extends SubscriberOption {
  readonly all?: boolean;
}

/** Which entries of the failed sets; `id` is an entry's or an event's, null stands for all. */
interface Chosen {
  readonly subscribers: readonly string[];
  readonly id: string | null;
}

/** What a proposal keeps; `waiting` is how many there were. */
interface ReplayArguments extends Chosen {
  readonly waiting: number;
}

const REPLAYED = 'Put back on the queue with all their tries. What was handled before is dropped.';

/** Replays one, or all, or proposes to. */
export async function replay(
  operator: Operator,
  id: string | undefined,
  options: ReplayChoice,
): Promise<void> {
  if ((id === undefined) !== (options.all === true)) {
    throw new OperatorError('Say which: an id of "events failed", an event’s id, or --all.');
  }
  const [, named, jobId] = /^([^/]+)\/(.+)$/.exec(id ?? '') ?? [];
  const whose = named === undefined ? options : { subscriber: named };
  const chosen = { subscribers: subscribersOf(operator, whose), id: jobId ?? id ?? null };
  await onQueues(operator, async (queues) => {
    const waiting = await countChosen(queues, chosen);
    if (waiting === 0 && id !== undefined) {
      throw new OperatorError(`Nothing that failed is or holds ${id}; see "events failed".`);
    }
    if (waiting === 0) {
      operator.print('0');
      return operator.remark('Nothing has failed.');
    }
    const proposed = await act(operator, {}, async (acting) => {
      if (needsSecondForNumber(operator, acting, waiting)) {
        const given: ReplayArguments = { ...chosen, waiting };
        const wanted = { action: 'events replay', arguments: given } as const;
        return propose(operator, acting, { ...wanted, subject: subjectOf(chosen) });
      }
      audited(acting, chosen, waiting);
      acting.afterCommit(async () => {
        operator.print(String(await replayChosen(queues, chosen)));
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
  acting: Acting,
  proposal: Proposal,
): Promise<string> {
  const { subscribers, id } = proposal.arguments as ReplayArguments;
  const chosen = { subscribers, id };
  let waiting = 0;
  await onQueues(operator, async (queues) => {
    waiting = await countChosen(queues, chosen);
  });
  if (waiting === 0) throw new OperatorError('Nothing of it waits any more. Nothing was done.');
  audited(acting, chosen, waiting, proposal);
  acting.afterCommit(() =>
    onQueues(operator, async (queues) => {
      await replayChosen(queues, chosen);
      operator.remark(REPLAYED);
    }),
  );
  return String(waiting);
}

function audited(acting: Acting, chosen: Chosen, waiting: number, proposal?: Proposal): void {
  acting.audit({
    action: 'events replay',
    subject: subjectOf(chosen),
    before: { failed: waiting },
    after: { subscribers: chosen.subscribers, id: chosen.id },
    ...(proposal && { why: proposal.why, proposal: { id: proposal.id, by: proposal.proposedBy } }),
  });
}

/** Ids of entries and events are our own, so that nothing secret is in them; a person may have typed anything, but it was found. */
function subjectOf({ subscribers, id }: Chosen) {
  const whose = subscribers.join(',');
  return { kind: 'events', id: `${whose}/${id ?? '*'}`.slice(0, SUBJECT_LENGTH_MAX) } as const;
}

const SUBJECT_LENGTH_MAX = 200;

async function countChosen(queues: Queues, { subscribers, id }: Chosen): Promise<number> {
  let count = 0;
  for (const subscriber of subscribers) {
    count += await countFailed({ ...queues, subscriber, ...(id !== null && { id }) });
  }
  return count;
}

async function replayChosen(queues: Queues, { subscribers, id }: Chosen): Promise<number> {
  let replayed = 0;
  for (const subscriber of subscribers) {
    replayed += await replayFailed({ ...queues, subscriber, ...(id !== null && { id }) });
  }
  return replayed;
}
