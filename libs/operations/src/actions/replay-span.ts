// Replays every event of a span of time, for a subscriber that has lost what it had handled: a
// restored database, or a handler that did the wrong thing without an error. The request commits
// with its audit row, and the worker carries it out in small batches.
import { type EventReplays, insertEventReplay, type Proposal } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import { act, type ActionContext } from '../act.js';
import { OperatorError } from '../operator-error.js';
import { approvalOf, needsSecondForNumber, propose } from '../proposals.js';
import type { ReplayingOperator } from './replay-events.js';

/** The most events that a count names; more are "more than". */
export const COUNTED_EVENTS_MAX = 100_000;

/** The events from a time, or from an event, until a time; by default until now. */
export interface WantedSpan {
  /** A time of ISO 8601, or the id of an event, which is included. */
  readonly from: string;
  readonly until?: string | undefined;
}

/** A span that is resolved, and its number of events, {@link COUNTED_EVENTS_MAX} at most. */
export interface CountedSpan {
  readonly from: Date;
  readonly until: Date;
  readonly events: number;
}

/** The arguments of a proposal. */
interface SpanArguments {
  /** Null: every subscriber. */
  readonly subscriber: string | null;
  readonly from: string;
  readonly until: string;
  readonly events: number;
}

/**
 * Resolves the span and counts its events: the dry run. Throws {@link OperatorError} for a span
 * that is none.
 */
export async function countSpan(
  replays: EventReplays,
  wanted: WantedSpan,
  now: Date,
): Promise<CountedSpan> {
  const from = await startOf(replays, wanted.from);
  const until = wanted.until === undefined ? now : timeIn(wanted.until);
  if (until > now) throw new OperatorError('The end is in the future; the default is now.');
  if (from >= until) throw new OperatorError('The start is not before the end.');
  const span = { from, until };
  return { ...span, events: await replays.count(span, COUNTED_EVENTS_MAX) };
}

async function startOf(replays: EventReplays, text: string): Promise<Date> {
  if (!text.startsWith('evt_')) return timeIn(text);
  const at = await replays.timeOf(text);
  if (!at) throw new OperatorError(`There is no event ${text}, or its history has ended.`);
  return at;
}

/** `2027-01-31` (midnight UTC), or a time with its offset: without one it would be a guess. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function timeIn(text: string): Date {
  const time = new Date(text);
  if (TIME.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new OperatorError('A time has the form 2027-01-31 or 2027-01-31T12:00:00Z.');
}

/** Returns a number of events for a person. */
export function countOfEvents(events: number): string {
  if (events >= COUNTED_EVENTS_MAX) return `more than ${COUNTED_EVENTS_MAX - 1} events`;
  return events === 1 ? '1 event' : `${events} events`;
}

/**
 * Requests the replay of a counted span to one subscriber, or with null to all; or proposes it
 * where a second operator is needed. Returns a message. Throws {@link OperatorError}.
 */
export async function replaySpan(
  operator: ReplayingOperator,
  subscriber: string | null,
  { from, until, events }: CountedSpan,
): Promise<{ readonly events: number; readonly done: string; readonly proposed?: string }> {
  if (events === 0) return { events, done: 'There are no events in this time.' };
  const given: SpanArguments = {
    subscriber,
    from: from.toISOString(),
    until: until.toISOString(),
    events,
  };
  return act(operator, {}, async (acting) => {
    if (needsSecondForNumber(operator, acting, events)) {
      const subject = subjectOf(given);
      const wanted = { action: 'events replay', arguments: given, subject } as const;
      const proposed = await propose(operator, acting, wanted);
      return { events, done: proposed, proposed };
    }
    return { events, done: await request(acting, given) };
  });
}

/** True if the proposal is to replay a span. */
export function isOfSpan({ arguments: given }: Proposal): boolean {
  return 'from' in given;
}

/** Requests the replay of a proposal, in the transaction of the approval. */
export function replaySpanAsProposed(acting: ActionContext, proposal: Proposal): Promise<string> {
  return request(acting, proposal.arguments as SpanArguments, proposal);
}

async function request(
  acting: ActionContext,
  given: SpanArguments,
  proposal?: Proposal,
): Promise<string> {
  const { subscriber, from, until, events } = given;
  const id = newId('rpl');
  await insertEventReplay(acting.tx, {
    id,
    subscriber,
    from: new Date(from),
    until: new Date(until),
    requestedBy: acting.who,
    requestedAt: acting.at,
  });
  acting.audit({
    action: 'events replay',
    subject: subjectOf(given),
    before: null,
    after: { replay: id, ...given },
    ...approvalOf(proposal),
  });
  return `${countOfEvents(events)} will be on ${subscriber ?? 'every subscriber'}’s queue again (${id}).`;
}

function subjectOf({ subscriber, from, until }: SpanArguments) {
  return { kind: 'events', id: `${subscriber ?? '*'}/${from}..${until}` } as const;
}
