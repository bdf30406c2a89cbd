// The first sentence of the verdict: is work starting.
import type { WorkState } from '@quittance/persistence';
import {
  type Finding,
  firstOf,
  type QueueState,
  span,
  STALLED_SECONDS,
  type VerdictFacts,
} from './finding.js';

/** The first part of the names of lanes' queues. */
const SUBMISSION = 'submission-';
/** Normally a payment starts within a second. */
const SLOW_START_SECONDS = 15;
/** So many payments of a lane that wait, and this share of one merchant: it sends a flood. */
const FLOOD_OF_MIN = 200;
const FLOOD_SHARE = 0.8;

export function workFinding(facts: VerdictFacts): Finding {
  const { work, queues } = facts;
  if (!work) return POSTGRES_AWAY;
  return (
    firstOf(
      queues === null ? REDIS_AWAY : undefined,
      noWorker(work, queues),
      pausedQueue(queues),
      heldTerminal(work),
      flooded(work),
      stalled(work),
      relayStopped(work),
      pausedLane(work),
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

function heldTerminal({ held }: WorkState): Finding | undefined {
  if (held.length === 0) return undefined;
  const names = held.map(({ merchant, terminal }) => `${merchant}/${terminal}`).join(', ');
  return {
    grade: 'bad',
    sentence: `Payments of terminal ${names} wait.`,
    reason:
      'The gateway does not respond. Workers inquire there every few seconds, and submit again once it replies.',
    next_step:
      'Check the gateway and the network; the attempts of a payment show the reason. Nothing is charged twice.',
  };
}

function flooded({ lanes }: WorkState): Finding | undefined {
  const floods = lanes.filter(
    ({ waiting, of_merchant: own, oldest_seconds: age }) =>
      waiting >= FLOOD_OF_MIN * FLOOD_SHARE &&
      own >= FLOOD_OF_MIN * FLOOD_SHARE &&
      (age ?? 0) > SLOW_START_SECONDS,
  );
  const [worst] = floods.toSorted((a, b) => (b.oldest_seconds ?? 0) - (a.oldest_seconds ?? 0));
  if (!worst) return undefined;
  const { lane, merchant, of_merchant: own, waiting, retrying, oldest_seconds: age } = worst;
  return {
    grade: (age ?? 0) > STALLED_SECONDS ? 'bad' : 'attention',
    sentence: `Merchant ${merchant} queues more than lane ${lane} sends.`,
    reason: `Of the ${waiting + retrying} oldest payments that wait, ${own} are its own; the oldest has waited ${span(age ?? 0)}. Other merchants take turns with it.`,
    next_step:
      'Nothing is lost. Raise the lane’s rate under Lanes if it has one, start more workers, or let the merchant send less ("quittance keys create --rate").',
  };
}

function pausedLane({ paused_lanes: paused }: WorkState): Finding | undefined {
  const [first] = paused;
  if (!first) return undefined;
  const { operator, seconds, reason } = first;
  return {
    grade: 'attention',
    sentence: `Payments wait for the paused lane ${paused.map(({ lane }) => lane).join(', ')}.`,
    reason: `${operator} paused it ${span(seconds)} ago: ${reason}`,
    next_step: 'Resume it under Lanes, or with "quittance lanes resume", when the reason is over.',
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
      'Too few workers, or a slow gateway that holds the lane’s places: see Lanes, then add workers or move the terminal to a lane of its own.',
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
