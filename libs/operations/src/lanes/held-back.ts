// Decides what holds a lane back: one reason, the one that an operator has to end first. Pure: the
// facts are arguments, so that every reason is a row of a table in the test.
import type { Grade } from '../verdict/finding.js';

/** The reasons, the most decisive first. `nothing` is none. */
export const HELD_BY = [
  'paused',
  'redis',
  'no_worker',
  'paused_queue',
  'breaker',
  'rate',
  'concurrency',
  'slow_gateway',
  'workers',
  'nothing',
] as const;
export type HeldBy = (typeof HELD_BY)[number];

/** A reason, for a person. Members have the names of the ops API. */
export interface HeldBack {
  readonly by: HeldBy;
  readonly grade: Grade;
  readonly sentence: string;
  /** The next step of an operator; null when there is none. */
  readonly next_step: string | null;
}

/** The facts about a lane at one moment. */
export interface LaneFacts {
  readonly pause: { readonly by: string; readonly reason: string } | null;
  /** Workers that serve the lane. */
  readonly workers: number;
  /** Submissions in flight, of all workers. */
  readonly inFlight: number;
  /** Most submissions in flight, of all workers. */
  readonly places: number;
  /** The terminals whose breaker is open, as `merchant/terminal`. */
  readonly held: readonly string[];
  /** The lane's own limits. */
  readonly concurrency: number | null;
  readonly ratePerSecond: number | null;
  /** True when a worker waits for the next second of the rate. */
  readonly isLimited: boolean;
  /** First attempts that were opened, over the last seconds. */
  readonly sentPerSecond: number;
  /** Jobs that wait for a worker; null while Redis is unavailable. */
  readonly waiting: number | null;
  /** True when the queue itself is paused, on the queue board. */
  readonly isQueuePaused: boolean;
}

/** A rate is used up when nearly so many started: seconds begin at different times. */
const RATE_USED_SHARE = 0.9;
/** A submission that holds its place for longer waits for its gateway. */
const SLOW_SECONDS = 2;
const NAMED_MAX = 3;

/** Returns the reason for which the lane's payments wait, or would wait. */
export function heldBack(facts: LaneFacts): HeldBack {
  return stopped(facts) ?? limited(facts) ?? NOTHING;
}

const NOTHING: HeldBack = {
  by: 'nothing',
  grade: 'good',
  sentence: 'Nothing holds it back.',
  next_step: null,
};

/** Reasons that stop a lane, or a terminal of it, however little waits. */
function stopped(facts: LaneFacts): HeldBack | undefined {
  const { pause, waiting, workers, isQueuePaused, held } = facts;
  if (pause) {
    return {
      by: 'paused',
      grade: 'attention',
      sentence: `Paused by ${pause.by}: ${pause.reason}`,
      next_step: 'Resume it when the reason is over. Payments end unsent at their deadline.',
    };
  }
  if (waiting === null) {
    return {
      by: 'redis',
      grade: 'bad',
      sentence: 'Redis is unavailable.',
      next_step: 'Bring Redis back. Everything that waits then starts by itself.',
    };
  }
  if (workers === 0) {
    return {
      by: 'no_worker',
      grade: 'bad',
      sentence: 'No worker serves it.',
      next_step: 'Start a worker. Payments that wait are submitted until their deadline.',
    };
  }
  if (isQueuePaused) {
    return {
      by: 'paused_queue',
      grade: 'attention',
      sentence: 'Its queue is paused on the queue board; the audit names the operator.',
      next_step: 'Resume it on the queue board when the reason is over.',
    };
  }
  if (held.length === 0) return undefined;
  return {
    by: 'breaker',
    grade: 'bad',
    sentence: `The gateway of terminal ${named(held)} does not respond.`,
    next_step:
      'Check the gateway and the network. An inquiry finds out when it responds again; its payments then start by themselves.',
  };
}

function named(held: readonly string[]): string {
  const more = held.length - NAMED_MAX;
  const names = held.slice(0, NAMED_MAX).join(', ');
  return more > 0 ? `${names} and ${more} more` : names;
}

/** Reasons that make a lane slow, while payments wait. */
function limited(facts: LaneFacts): HeldBack | undefined {
  const { waiting, ratePerSecond, isLimited, sentPerSecond, concurrency, inFlight, places } = facts;
  if (!waiting) return undefined;
  const isRateUsed = isLimited || sentPerSecond >= (ratePerSecond ?? Infinity) * RATE_USED_SHARE;
  if (ratePerSecond !== null && isRateUsed) {
    return slow('rate', `Its rate of ${ratePerSecond} a second is used up.`, 'Raise the rate.');
  }
  if (concurrency !== null && isFull(inFlight, Math.min(concurrency, places))) {
    const sentence = `Its concurrency of ${concurrency} is used up, with ${inFlight} in flight.`;
    return slow('concurrency', sentence, 'Raise the concurrency.');
  }
  if (!isFull(inFlight, places)) return undefined;
  const seconds = inFlight / sentPerSecond;
  if (seconds > SLOW_SECONDS) {
    const pace = Number.isFinite(seconds) ? `for about ${Math.round(seconds)} s each` : 'and stay';
    const sentence = `The gateway is slow: ${inFlight} submissions are in flight ${pace}.`;
    const step = 'Ask the gateway. Give a slow terminal a lane of its own: terminals set --lane.';
    return slow('slow_gateway', sentence, step);
  }
  const sentence = `Its workers are busy: ${inFlight} submissions in flight, of ${places} places.`;
  return slow('workers', sentence, 'Add workers, or raise SUBMISSION_CONCURRENCY.');
}

/** One terminal alone gets half of the places, rounded up; its jobs wait when they are in use. */
const isFull = (inFlight: number, places: number) => inFlight >= Math.ceil(places / 2);

function slow(by: HeldBy, sentence: string, nextStep: string): HeldBack {
  return { by, grade: 'attention', sentence, next_step: nextStep };
}
