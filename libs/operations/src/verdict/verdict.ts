// The verdict that operators read first: is work starting, do payments end well, is this data
// fresh. Pure: the facts are arguments, so that every incident is a row of a table in the test.
import type { DoubtTotals, WorkState } from '@quittance/persistence';

/** `good`: nothing to do. `attention`: look soon. `bad`: act now. `unknown`: it cannot be seen. */
export type Grade = 'good' | 'attention' | 'bad' | 'unknown';

/** One answer: a sentence, its reason, and the next step of a person; null when there is none. */
export interface Finding {
  readonly grade: Grade;
  readonly sentence: string;
  readonly reason: string;
  readonly next_step: string | null;
}

/** The three answers, and the worst of their grades. */
export interface Verdict {
  readonly grade: Grade;
  readonly work: Finding;
  readonly outcomes: Finding;
  readonly data: Finding;
}

/** A queue in Redis. */
export interface QueueState {
  readonly name: string;
  readonly waiting: number;
  readonly failed: number;
  readonly is_paused: boolean;
  readonly workers: number;
  /** Age of the job that has waited longest, in seconds. */
  readonly oldest_seconds: number;
}

/** The facts of a moment. */
export interface VerdictFacts {
  /** Null while Postgres is unavailable. */
  readonly work: WorkState | null;
  readonly doubts: DoubtTotals | null;
  /** Null while Redis is unavailable. */
  readonly queues: readonly QueueState[] | null;
  readonly now: Date;
  /** The time that reading the facts took, in milliseconds. */
  readonly read_ms: number;
}

/** The first part of the names of subscribers' queues. */
const SUBSCRIBER = 'events-';
const SUBMISSION = 'submission-';

/** Normally a payment starts within a second. */
const SLOW_START_SECONDS = 15;
const STALLED_SECONDS = 60;
const SLOW_READ_MS = 2_000;
/** Doubts are resolved by inquiries within minutes; a person is needed for what is left. */
const OLD_DOUBT_SECONDS = 1_800;
/** Below this number of payments, shares mean nothing. */
const SHARE_OF_MIN = 10;
const BAD_SHARE = 0.2;
const ORDER: readonly Grade[] = ['good', 'unknown', 'attention', 'bad'];

/** Returns the verdict on the facts. */
export function verdict(facts: VerdictFacts): Verdict {
  const [work, outcomes, data] = [workFinding(facts), outcomeFinding(facts), dataFinding(facts)];
  const worst = Math.max(...[work, outcomes, data].map(({ grade }) => ORDER.indexOf(grade)));
  return { grade: ORDER[worst] ?? 'unknown', work, outcomes, data };
}

/** Returns the first finding that applies, the most urgent one first. */
function firstOf(...findings: readonly (Finding | undefined)[]): Finding | undefined {
  return findings.find((finding) => finding !== undefined);
}

function workFinding(facts: VerdictFacts): Finding {
  const { work, queues } = facts;
  if (!work) return POSTGRES_AWAY;
  return (
    firstOf(
      queues === null ? REDIS_AWAY : undefined,
      noWorker(work, queues),
      pausedQueue(queues),
      stalled(work),
      relayStopped(work),
      pausedTerminal(work),
    ) ?? {
      grade: 'good',
      sentence: 'Work is starting.',
      reason: startReason(work),
      next_step: null,
    }
  );
}

const POSTGRES_AWAY: Finding = {
  grade: 'bad',
  sentence: 'No payment is accepted.',
  reason: 'Postgres is unavailable.',
  next_step: '/readyz of each process names the reason; docs/operations.md, Probes.',
};

const REDIS_AWAY: Finding = {
  grade: 'bad',
  sentence: 'No work is starting.',
  reason: 'Redis is unavailable. Payments are accepted and wait in Postgres.',
  next_step: 'Bring Redis back. Everything that waits then starts by itself.',
};

function noWorker(work: WorkState, queues: VerdictFacts['queues']): Finding | undefined {
  const unserved = (queues ?? []).filter(
    ({ name, workers }) => name.startsWith(SUBMISSION) && workers === 0,
  );
  if (work.workers > 0 && unserved.length === 0) return undefined;
  const lanes = unserved.map(({ name }) => name.slice(SUBMISSION.length)).join(', ');
  const isGone = unserved.length === 0 || (queues ?? []).every(isUnserved);
  return {
    grade: 'bad',
    sentence: isGone ? 'No work is starting.' : `No work is starting on lane ${lanes}.`,
    reason: isGone ? 'No worker runs.' : `No worker serves lane ${lanes}.`,
    next_step: 'Start a worker. Payments that wait are submitted until their deadline.',
  };
}

const isUnserved = ({ name, workers }: QueueState) => !name.startsWith(SUBMISSION) || workers === 0;

function pausedQueue(queues: VerdictFacts['queues']): Finding | undefined {
  const paused = (queues ?? []).filter(({ is_paused: isPaused }) => isPaused);
  if (paused.length === 0) return undefined;
  const names = paused.map(({ name }) => name).join(', ');
  return {
    grade: 'attention',
    sentence: `Queue ${names} is paused.`,
    reason: 'An operator paused it on the queue board; the audit names them.',
    next_step: 'Resume it on the queue board when its reason is over.',
  };
}

function stalled({ lanes }: WorkState): Finding | undefined {
  const waiting = lanes.filter(({ oldest_seconds: age }) => (age ?? 0) > SLOW_START_SECONDS);
  const [worst] = waiting.toSorted((a, b) => (b.oldest_seconds ?? 0) - (a.oldest_seconds ?? 0));
  if (!worst) return undefined;
  const { lane, oldest_seconds: age, retrying, waiting: untried } = worst;
  const seconds = Math.round(age ?? 0);
  if (retrying > untried) {
    return {
      grade: seconds > STALLED_SECONDS ? 'bad' : 'attention',
      sentence: `Payments of lane ${lane} start and are not sent.`,
      reason: `The oldest has waited ${span(seconds)}; its attempts did not reach the gateway.`,
      next_step: 'See the next sentence for the gateway’s fault. Nothing is charged twice.',
    };
  }
  return {
    grade: seconds > STALLED_SECONDS ? 'bad' : 'attention',
    sentence: `Work on lane ${lane} starts late.`,
    reason: `The oldest payment has waited ${span(seconds)} for a worker.`,
    next_step:
      'A flood, too few workers, or a slow gateway that holds the lane’s places: see the queue board, then add workers or move the terminal to a lane of its own.',
  };
}

function relayStopped({ outbox_seconds: lag, overdue_seconds: overdue }: WorkState) {
  if (lag <= SLOW_START_SECONDS && overdue <= STALLED_SECONDS) return undefined;
  const isRelay = lag > SLOW_START_SECONDS;
  return {
    grade: 'attention' as const,
    sentence: isRelay ? 'New work reaches the queues late.' : 'Planned steps are late.',
    reason: isRelay
      ? `A committed message has waited ${span(lag)} for Redis.`
      : `A step is overdue by ${span(overdue)}.`,
    next_step: 'Look at the logs of the api and the worker for refusals of Redis.',
  };
}

function pausedTerminal({ paused }: WorkState): Finding | undefined {
  const [first] = paused;
  if (!first) return undefined;
  const names = paused.map(({ merchant, terminal }) => `${merchant}/${terminal}`).join(', ');
  return {
    grade: 'attention',
    sentence: `Payments wait for the paused terminal ${names}.`,
    reason: first.reason,
    next_step: 'Run "quittance terminals resume" when the reason is over.',
  };
}

function startReason({ lanes }: WorkState): string {
  const oldest = Math.max(0, ...lanes.map(({ oldest_seconds: age }) => age ?? 0));
  return oldest < 1
    ? 'No payment waits for a worker.'
    : `The oldest payment has waited ${span(oldest)}.`;
}

function outcomeFinding({ work, doubts, queues, now }: VerdictFacts): Finding {
  if (!work || !doubts) {
    return {
      grade: 'unknown',
      sentence: 'It is unknown how payments end.',
      reason: 'Postgres is unavailable.',
      next_step: null,
    };
  }
  return (
    firstOf(
      gatewayRefuses(work),
      gatewaySilent(work),
      declinedAll(work),
      subscriberFails(queues),
      oldDoubts(doubts, now),
    ) ?? {
      grade: 'good',
      sentence: 'Payments end well.',
      reason: outcomeReason(work),
      next_step: null,
    }
  );
}

function gatewayRefuses(work: WorkState): Finding | undefined {
  const { recent, failures } = work;
  const worst = failures.find(({ outcome }) => outcome === 'notSent');
  const hurt = recent.not_sent;
  if (!worst || hurt === 0) return undefined;
  return {
    grade: hurt >= SHARE_OF_MIN || hurt >= recent.payments * BAD_SHARE ? 'bad' : 'attention',
    sentence: `The gateway of terminal ${worst.merchant}/${worst.terminal} cannot be reached.`,
    reason: `${worst.attempts} attempts of the last quarter of an hour were not sent (${worst.reason ?? 'no reason'}); ${hurt} payments wait for another one.`,
    next_step:
      'Check the gateway and the network. Until then "quittance terminals pause" stops the attempts.',
  };
}

function gatewaySilent(work: WorkState): Finding | undefined {
  const { recent, failures } = work;
  const worst = failures.find(({ outcome }) => outcome === 'unknown');
  if (!worst || recent.in_doubt === 0) return undefined;
  const isMany = recent.in_doubt >= SHARE_OF_MIN || recent.in_doubt > recent.payments * BAD_SHARE;
  return {
    grade: isMany ? 'bad' : 'attention',
    sentence: `The gateway of terminal ${worst.merchant}/${worst.terminal} gives no usable reply.`,
    reason: `${recent.in_doubt} of the last ${recent.payments} payments are in doubt (${worst.reason ?? 'no reply'}).`,
    next_step:
      'Pause the terminal with "quittance terminals pause", or each new payment ends in doubt too.',
  };
}

function declinedAll({ recent }: WorkState): Finding | undefined {
  const { payments, succeeded, declined, failed } = recent;
  const ended = succeeded + declined + failed;
  if (payments < SHARE_OF_MIN || ended < SHARE_OF_MIN || succeeded > ended * BAD_SHARE)
    return undefined;
  return {
    grade: 'attention',
    sentence: 'Few payments succeed.',
    reason: `Of the last ${ended} that ended, ${succeeded} succeeded, ${declined} were declined and ${failed} failed.`,
    next_step: 'Search one of them for the gateway’s code.',
  };
}

function subscriberFails(queues: VerdictFacts['queues']): Finding | undefined {
  const failing = (queues ?? []).filter(
    ({ name, failed }) => name.startsWith(SUBSCRIBER) && failed > 0,
  );
  const [worst] = failing.toSorted((a, b) => b.failed - a.failed);
  if (worst) {
    return {
      grade: 'bad',
      sentence: `Subscriber ${worst.name.slice(SUBSCRIBER.length)} does not process its events.`,
      reason: `${worst.failed} failed entries wait for a person.`,
      next_step: 'Read the reason under Events, mend the handler, then replay.',
    };
  }
  const late = (queues ?? []).find(
    ({ name, oldest_seconds: age }) => name.startsWith(SUBSCRIBER) && age > STALLED_SECONDS,
  );
  if (!late) return undefined;
  const subscriber = late.name.slice(SUBSCRIBER.length);
  return {
    grade: 'attention',
    sentence: `Subscriber ${subscriber} is behind.`,
    reason: `Its oldest event has waited ${span(late.oldest_seconds)}; ${late.workers} of its processes are connected.`,
    next_step: `Start ${subscriber}, or more of it.`,
  };
}

function oldDoubts({ payments, refunds, oldest }: DoubtTotals, now: Date): Finding | undefined {
  const total = payments + refunds;
  const seconds = oldest ? (now.getTime() - oldest.getTime()) / 1000 : 0;
  if (total === 0 || seconds < OLD_DOUBT_SECONDS) return undefined;
  return {
    grade: 'attention',
    sentence: `${total} ${total === 1 ? 'outcome is' : 'outcomes are'} in doubt.`,
    reason: `The oldest since ${span(seconds)} ago; the gateway’s answers have not ended it.`,
    next_step: 'Look each one up at the gateway, and resolve it under In doubt.',
  };
}

function outcomeReason({ recent }: WorkState): string {
  const { payments, succeeded, declined, failed } = recent;
  if (payments === 0) return 'No payment was accepted in the last quarter of an hour.';
  return `Of the last ${payments}, ${succeeded} succeeded, ${declined} were declined and ${failed} failed.`;
}

function dataFinding({ work, queues, read_ms: readMs }: VerdictFacts): Finding {
  if (!work) {
    return {
      grade: 'bad',
      sentence: 'This page cannot be filled.',
      reason: 'Postgres is unavailable.',
      next_step: null,
    };
  }
  if (queues === null) {
    return {
      grade: 'attention',
      sentence: 'The payments are fresh; the queues cannot be seen.',
      reason: 'Redis is unavailable.',
      next_step: null,
    };
  }
  if (readMs > SLOW_READ_MS) {
    return {
      grade: 'attention',
      sentence: 'This data is late.',
      reason: `Reading it took ${span(readMs / 1000)}.`,
      next_step: 'Postgres or Redis is overloaded; see their own metrics.',
    };
  }
  const reason = `Read from Postgres and Redis within ${Math.max(1, Math.round(readMs))} ms.`;
  return { grade: 'good', sentence: 'This data is fresh.', reason, next_step: null };
}

/** Returns a span of time for a person. */
function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
