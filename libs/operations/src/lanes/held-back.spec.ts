// Goal: a lane names the one reason that an operator has to end first. Method: a table of facts,
// and the order of the reasons.
import { HELD_BY, heldBack, type LaneFacts } from './held-back.js';

const calm: LaneFacts = {
  pause: null,
  workers: 2,
  inFlight: 0,
  places: 64,
  held: [],
  concurrency: null,
  ratePerSecond: null,
  isLimited: false,
  sentPerSecond: 20,
  waiting: 0,
  isQueuePaused: false,
};
const busy: LaneFacts = { ...calm, waiting: 500, inFlight: 64, sentPerSecond: 300 };

it.each<[string, LaneFacts, RegExp]>([
  ['nothing', calm, /Nothing/],
  // Payments wait for a moment in every lane that works.
  ['nothing', { ...calm, waiting: 3, inFlight: 10 }, /Nothing/],
  ['paused', { ...busy, pause: { by: 'ann', reason: 'maintenance' } }, /by ann: maintenance/],
  ['redis', { ...calm, waiting: null }, /Redis is unavailable/],
  ['no_worker', { ...busy, workers: 0, inFlight: 0, places: 0 }, /No worker/],
  ['paused_queue', { ...calm, isQueuePaused: true }, /queue board/],
  ['breaker', { ...busy, held: ['acme/main', 'acme/eu'] }, /acme\/main, acme\/eu does not respond/],
  ['rate', { ...busy, ratePerSecond: 50, isLimited: true, sentPerSecond: 0 }, /rate of 50/],
  // The end of the second is past when the worker's note is read.
  ['rate', { ...busy, ratePerSecond: 50, sentPerSecond: 48 }, /rate of 50/],
  ['workers', { ...busy, ratePerSecond: 500, sentPerSecond: 300 }, /busy/],
  ['concurrency', { ...busy, concurrency: 8, inFlight: 8, places: 16 }, /concurrency of 8/],
  // One terminal alone gets half.
  ['concurrency', { ...busy, concurrency: 8, inFlight: 4, places: 16 }, /4 in flight/],
  ['nothing', { ...busy, concurrency: 8, inFlight: 3, places: 16 }, /Nothing/],
  ['slow_gateway', { ...busy, sentPerSecond: 4 }, /64 submissions are in flight for about 16 s/],
  ['slow_gateway', { ...busy, inFlight: 32, sentPerSecond: 0 }, /in flight and stay/],
  ['workers', busy, /64 submissions in flight, of 64 places/],
])('%s: %#', (by, facts, words) => {
  const found = heldBack(facts);
  expect(found.by).toBe(by);
  expect(found.sentence).toMatch(words);
  expect(found.next_step === null).toBe(by === 'nothing');
});

it('names the most decisive of several reasons', () => {
  const all: LaneFacts = {
    ...busy,
    pause: { by: 'ann', reason: 'maintenance' },
    waiting: null,
    workers: 0,
    isQueuePaused: true,
    held: ['acme/main'],
    ratePerSecond: 1,
    concurrency: 1,
    sentPerSecond: 0.5,
    isLimited: true,
  };
  const ended: Partial<LaneFacts>[] = [
    { pause: null },
    { waiting: 500 },
    { workers: 1 },
    { isQueuePaused: false },
    { held: [] },
    { ratePerSecond: null },
    { concurrency: null },
    { sentPerSecond: 300 },
    { waiting: 0 },
  ];
  let facts = all;
  const named = [heldBack(facts).by];
  for (const one of ended) {
    facts = { ...facts, ...one };
    named.push(heldBack(facts).by);
  }
  expect(named).toEqual(HELD_BY);
});
