// Replays events that a subscriber's handlers could not process. The queues are in Redis, so the
// audit commits first and the queues change after it: an audit row without a change can be
// explained, a change without an audit row cannot.
import type { FailedSet } from '@quittance/events';
import type { Proposal } from '@quittance/persistence';
import { act, type ActionContext, type OperatorSession } from '../act.js';
import { OperatorError } from '../operator-error.js';
import { approvalOf, type FourEyes, needsSecondForNumber, propose } from '../proposals.js';

/** The failed sets of the subscribers. `id` is of an entry or of an event; null means all. */
export interface FailedSets {
  list(subscriber: string, limit: number): Promise<FailedSet>;
  count(subscriber: string, id: string | null): Promise<number>;
  /** Returns the number of entries that are back on the queue. */
  replay(subscriber: string, id: string | null): Promise<number>;
}

/** An operator who can reach the subscribers' queues. */
export interface ReplayingOperator extends OperatorSession {
  readonly fourEyes: FourEyes;
  /** The subscribers that exist. */
  readonly subscribers: readonly string[];
  /** Runs `work` with the failed sets. Throws {@link OperatorError} when there is no Redis. */
  readonly withFailedSets: <T>(work: (sets: FailedSets) => Promise<T>) => Promise<T>;
}

/**
 * The selected entries of the failed sets. `id` is the id of an entry or of an event; null selects
 * all.
 */
export interface ReplaySelection {
  readonly subscribers: readonly string[];
  readonly id: string | null;
}

/** The arguments of a proposal; `waiting` is the number of entries when it was made. */
interface ReplayArguments extends ReplaySelection {
  readonly waiting: number;
}

/**
 * Returns the chosen subscriber, or all. Throws {@link OperatorError} for an unknown name, whose
 * queue would never receive an event.
 */
export function subscribersOf(
  { subscribers }: ReplayingOperator,
  subscriber: string | undefined,
): readonly string[] {
  if (subscriber === undefined) return subscribers;
  if (subscribers.includes(subscriber)) return [subscriber];
  throw new OperatorError(
    `There is no subscriber "${subscriber}"; EVENT_SUBSCRIBERS names ${subscribers.join(', ')}.`,
  );
}

/**
 * Replays the selected entries, or proposes it where a second operator is needed: `proposed` is
 * then a message. `named` is the id as the operator wrote it, for errors. Throws
 * {@link OperatorError} when an id selects nothing.
 */
export function replayEvents(
  operator: ReplayingOperator,
  selection: ReplaySelection,
  named: string | null = selection.id,
): Promise<{ readonly replayed: number; readonly proposed?: string }> {
  return operator.withFailedSets(async (sets) => {
    const { id } = selection;
    const waiting = await countSelected(sets, selection);
    if (waiting === 0 && id !== null) {
      throw new OperatorError(`No failed entry has or contains ${named}; see "events failed".`);
    }
    if (waiting === 0) return { replayed: 0 };
    let replayed = 0;
    const proposed = await act(operator, {}, async (acting) => {
      if (needsSecondForNumber(operator, acting, waiting)) {
        const given: ReplayArguments = { ...selection, waiting };
        const wanted = { action: 'events replay', arguments: given } as const;
        return propose(operator, acting, { ...wanted, subject: subjectOf(selection) });
      }
      audited(acting, selection, waiting);
      acting.afterCommit(async () => {
        replayed = await replaySelected(sets, selection);
      });
      return undefined;
    });
    return proposed === undefined ? { replayed } : { replayed, proposed };
  });
}

/** Replays the entries of a proposal that are still failed, after the approval is committed. */
export async function replayAsProposed(
  operator: ReplayingOperator,
  acting: ActionContext,
  proposal: Proposal,
): Promise<string> {
  const { subscribers, id } = proposal.arguments as ReplayArguments;
  const selection = { subscribers, id };
  const waiting = await operator.withFailedSets((sets) => countSelected(sets, selection));
  if (waiting === 0)
    throw new OperatorError('None of these entries is failed any more. Nothing was changed.');
  audited(acting, selection, waiting, proposal);
  acting.afterCommit(() =>
    operator.withFailedSets(async (sets) => {
      await replaySelected(sets, selection);
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
