// Goal: each incident makes the sentence that names it, with its reason and the next step. Method:
// a table of facts.
import type { QueueState, VerdictFacts } from './finding.js';
import { verdict } from './verdict.js';

const now = new Date('2026-11-21T10:00:00Z');
const queue = (name: string, changes: Partial<QueueState> = {}): QueueState => ({
  name,
  waiting: 0,
  delayed: 0,
  failed: 0,
  is_paused: false,
  workers: 1,
  oldest_seconds: 0,
  ...changes,
});
const recent = { payments: 100, succeeded: 90, declined: 8, failed: 2, in_doubt: 0, not_sent: 0 };
const calmLane = {
  lane: 'default',
  oldest_seconds: null,
  retrying: 0,
  waiting: 0,
  merchant: null,
  of_merchant: 0,
};
const flood = { ...calmLane, oldest_seconds: 90, waiting: 200, merchant: 'acme', of_merchant: 196 };
const work = {
  lanes: [calmLane],
  paused_lanes: [],
  paused: [],
  held: [],
  recent,
  failures: [],
  overdue_seconds: 0,
  outbox_seconds: 0,
  workers: 1,
};
const calm: VerdictFacts = {
  work,
  doubts: { payments: 0, refunds: 0, oldest: null },
  queues: [queue('submission-default'), queue('events-orders')],
  now,
  read_ms: 12,
};
const unsent = {
  outcome: 'notSent',
  reason: 'ECONNREFUSED',
  terminal: 'main',
  merchant: 'acme',
  attempts: 40,
};
const silent = { ...unsent, outcome: 'unknown', reason: 'no_reply' };

it('is good when nothing is wrong', () => {
  expect(verdict(calm)).toEqual({
    grade: 'good',
    work: {
      grade: 'good',
      sentence: 'Work is starting.',
      reason: 'No payment waits for a worker.',
      next_step: null,
    },
    outcomes: {
      grade: 'good',
      sentence: 'Payments end well.',
      reason: 'Of the last 100, 90 succeeded, 8 were declined and 2 failed.',
      next_step: null,
    },
    data: {
      grade: 'good',
      sentence: 'This data is fresh.',
      reason: 'Read from Postgres and Redis within 12 ms.',
      next_step: null,
    },
  });
});

it('is good in an empty installation', () => {
  const none = { ...recent, payments: 0, succeeded: 0, declined: 0, failed: 0 };
  expect(verdict({ ...calm, work: { ...work, recent: none } }).grade).toBe('good');
});

describe('work', () => {
  it.each<[string, Partial<VerdictFacts>, string, RegExp]>([
    ['Postgres is away', { work: null, doubts: null }, 'bad', /No payment is accepted\. Postgres/],
    ['Redis is away', { queues: null }, 'bad', /No work is starting\. Redis is unavailable/],
    ['no worker runs', { work: { ...work, workers: 0 } }, 'bad', /No worker runs/],
    [
      'the worker was killed a moment ago',
      { queues: [queue('submission-default', { workers: 0 })] },
      'bad',
      /No work is starting\. No worker runs/,
    ],
    [
      'one lane has no worker',
      { queues: [queue('submission-a'), queue('submission-b', { workers: 0 })] },
      'bad',
      /on lane b\. No worker serves lane b/,
    ],
    [
      'a queue is paused',
      { queues: [queue('inquiry', { is_paused: true })] },
      'attention',
      /Queue inquiry is paused/,
    ],
    [
      'a merchant floods',
      { work: { ...work, lanes: [flood] } },
      'bad',
      /acme queues more than lane default sends\. Of the 200 oldest .* 196 are its own; the oldest has waited 90 s/,
    ],
    [
      'a merchant begins to flood',
      { work: { ...work, lanes: [{ ...flood, oldest_seconds: 20 }] } },
      'attention',
      /acme queues more/,
    ],
    [
      'many merchants wait',
      { work: { ...work, lanes: [{ ...flood, of_merchant: 100 }] } },
      'bad',
      /lane default starts late\. The oldest payment has waited 90 s for a worker/,
    ],
    [
      'a lane is paused',
      {
        work: {
          ...work,
          paused_lanes: [{ lane: 'slow', operator: 'ann', reason: 'moving', seconds: 90 }],
        },
      },
      'attention',
      /wait for the paused lane slow\. ann paused it 90 s ago: moving/,
    ],
    [
      'a queue grows',
      { work: { ...work, lanes: [{ ...calmLane, oldest_seconds: 20, waiting: 200 }] } },
      'attention',
      /starts late/,
    ],
    [
      'attempts do not reach the gateway',
      {
        work: {
          ...work,
          lanes: [{ ...calmLane, oldest_seconds: 150, retrying: 180, waiting: 20 }],
        },
      },
      'bad',
      /start and are not sent\. The oldest has waited 3 min/,
    ],
    [
      'a gateway does not respond, and its payments wait',
      {
        work: {
          ...work,
          lanes: [{ ...calmLane, oldest_seconds: 150, retrying: 20, waiting: 180 }],
          held: [{ terminal: 'main', merchant: 'acme' }],
        },
      },
      'bad',
      /terminal acme\/main wait\. The gateway does not respond/,
    ],
    [
      'the relay stands still',
      { work: { ...work, outbox_seconds: 30 } },
      'attention',
      /A committed message has waited 30 s/,
    ],
    [
      'steps are late',
      { work: { ...work, overdue_seconds: 300 } },
      'attention',
      /overdue by 5 min/,
    ],
    [
      'a terminal is paused',
      {
        work: { ...work, paused: [{ terminal: 'main', merchant: 'acme', reason: 'rotated keys' }] },
      },
      'attention',
      /paused terminal acme\/main\. rotated keys/,
    ],
  ])('%s', (_, changes, grade, words) => {
    const { work: found } = verdict({ ...calm, ...changes });
    expect(found.grade).toBe(grade);
    expect(`${found.sentence} ${found.reason}`).toMatch(words);
    expect(found.next_step).not.toBeNull();
  });
});

describe('outcomes', () => {
  it.each<[string, Partial<VerdictFacts>, string, RegExp]>([
    ['Postgres is away', { work: null, doubts: null }, 'unknown', /unknown how payments end/],
    [
      'the gateway refuses connections',
      { work: { ...work, recent: { ...recent, not_sent: 40 }, failures: [unsent] } },
      'bad',
      /acme\/main cannot be reached\. 40 attempts .* were not sent \(ECONNREFUSED\); 40 payments/,
    ],
    [
      'the gateway refused one connection',
      { work: { ...work, recent: { ...recent, not_sent: 1 }, failures: [unsent] } },
      'attention',
      /cannot be reached/,
    ],
    [
      'the gateway never answers',
      { work: { ...work, recent: { ...recent, in_doubt: 60 }, failures: [silent] } },
      'bad',
      /acme\/main gives no usable reply\. 60 of the last 100 payments are in doubt \(no_reply\)/,
    ],
    [
      'few payments succeed',
      { work: { ...work, recent: { ...recent, succeeded: 5, declined: 90 } } },
      'attention',
      /Few payments succeed/,
    ],
    [
      "a subscriber's handler throws",
      { queues: [queue('submission-default'), queue('events-orders', { failed: 19 })] },
      'bad',
      /Subscriber orders does not process its events\. 19 failed entries/,
    ],
    [
      "a subscriber's handler has just thrown",
      { queues: [queue('events-orders', { delayed: 1 })] },
      'attention',
      /Subscriber orders fails to process some of its events\. 1 batch waits/,
    ],
    [
      'a subscriber is away',
      { queues: [queue('events-orders', { oldest_seconds: 90, workers: 0 })] },
      'attention',
      /Subscriber orders is behind\. Its oldest event has waited 90 s; 0 of/,
    ],
    [
      'a doubt is old',
      { doubts: { payments: 2, refunds: 1, oldest: new Date('2026-11-21T08:00:00Z') } },
      'attention',
      /3 outcomes are in doubt\. The oldest since 2 h ago/,
    ],
  ])('%s', (_, changes, grade, words) => {
    const { outcomes } = verdict({ ...calm, ...changes });
    expect(outcomes.grade).toBe(grade);
    expect(`${outcomes.sentence} ${outcomes.reason}`).toMatch(words);
  });
});

describe('data', () => {
  it.each<[string, Partial<VerdictFacts>, string, RegExp]>([
    ['Postgres is away', { work: null, doubts: null }, 'bad', /cannot be filled/],
    ['Redis is away', { queues: null }, 'attention', /queues cannot be seen/],
    ['reading is slow', { read_ms: 3_000 }, 'attention', /Reading it took 3 s/],
  ])('%s', (_, changes, grade, words) => {
    const { data } = verdict({ ...calm, ...changes });
    expect([data.grade, `${data.sentence} ${data.reason}`]).toEqual([
      grade,
      expect.stringMatching(words),
    ]);
  });
});

it('has the grade of its worst sentence', () => {
  const facts = { ...calm, queues: [queue('events-orders', { failed: 1 })] };
  expect(verdict(facts).grade).toBe('bad');
});
