// The second sentence of the verdict: do payments end well.
import type { DoubtTotals, WorkState } from '@quittance/persistence';
import { type Finding, firstOf, span, STALLED_SECONDS, type VerdictFacts } from './finding.js';

/** The first part of the names of subscribers' queues. */
const SUBSCRIBER = 'events-';
/** Doubts are resolved by inquiries within minutes; a person is needed for what is left. */
const OLD_DOUBT_SECONDS = 1_800;
/** Below this number of payments, shares mean nothing. */
const SHARE_OF_MIN = 10;
const BAD_SHARE = 0.2;

export function outcomeFinding({ work, doubts, queues, now }: VerdictFacts): Finding {
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
      'Check the gateway and the network. Payments are sent again by themselves once it replies.',
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
  const retrying = (queues ?? []).find(
    ({ name, delayed }) => name.startsWith(SUBSCRIBER) && delayed > 0,
  );
  if (retrying) {
    const { name, delayed } = retrying;
    return {
      grade: 'attention',
      sentence: `Subscriber ${name.slice(SUBSCRIBER.length)} fails to process some of its events.`,
      reason: `${delayed} ${delayed === 1 ? 'batch waits' : 'batches wait'} for another attempt, for half an hour at most.`,
      next_step:
        'Read the subscriber’s log and mend its handler. The attempts continue by themselves; after the last one, replay under Events.',
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
