// Goal: no card number, CVV or key is anywhere but where it is sealed (PCI DSS 3.3, 3.4, 3.5, 10.3). Method: cards made for this run go
// down every path, with everything logging all it can; then every byte that was kept or shown is searched for every spelling.
import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from '../tools/processes/session.js';
import { type CanaryCard, drive, type TalkativeStack, type Walked } from './leaks/drive.mjs';
import { placesOf } from './leaks/places.mjs';
import { plantsFor, removePlants } from './leaks/plants.mjs';
import { leaksIn, needlesFor, needlesForCard, type Place } from './leaks/search.mjs';
import { startTalkativeStack } from './leaks/stack.mjs';

const PLAY_LIMIT_MS = 300_000;
const SCAN_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** As the table of jobs says (`libs/queues`). */
const ATTEMPTS = 7;

/** A Visa number nobody has, with a right check digit. */
function canary(name: string): CanaryCard {
  const digits = ['4', ...Array.from({ length: 14 }, () => String(randomInt(10)))];
  const weighted = digits.map((digit, at) => (at % 2 === 0 ? Number(digit) * 2 : Number(digit)));
  const sum = weighted.reduce((total, each) => total + (each > 9 ? each - 9 : each), 0);
  const number = `${digits.join('')}${(10 - (sum % 10)) % 10}`;
  return { name, number, cvv: String(randomInt(100, 1_000)) };
}

const session = new Session();
const cards = {
  taken: canary('a card that was taken'),
  refused: canary('a card that was refused'),
  sealed: canary('a card that its caller sealed'),
  published: canary('a card that somebody published in jobs'),
};
const needlesOfCards = Object.values(cards).flatMap(needlesForCard);
let stack: TalkativeStack;
let walked: Walked;
let kept: readonly Place[];

beforeAll(async () => {
  stack = await startTalkativeStack(session);
  walked = await drive(stack, cards);
  kept = await places();
}, PLAY_LIMIT_MS);
afterAll(async () => {
  if (stack) removePlants(stack);
  await session.stop();
}, STOP_LIMIT_MS);

const places = async () => [...(await placesOf(stack)), ...walked.answers];

/** Private halves of every key set. */
function privateKeys(): readonly string[] {
  const files = readdirSync(stack.setup.keyFolder).filter((name) => name !== 'terminals.json');
  const sets = files.map((name) => readFileSync(join(stack.setup.keyFolder, name), 'utf8'));
  return sets.flatMap((text) =>
    [...text.matchAll(/"(?:d|k)": "([^"]+)"/g)].map(([, key]) => key ?? ''),
  );
}

describe('the paths it is about', () => {
  it('were walked by cards in clear', () => {
    const ends = ['succeeded', 'declined', 'expired', 'in_doubt', 'requires_action'];
    expect(walked.statuses).toEqual(expect.arrayContaining(ends));
    expect(walked.refusals.payments).toEqual(
      expect.arrayContaining([400, 401, 404, 413, 415, 422]),
    );
  });

  it('were walked by cards that their callers sealed, and by refunds', () => {
    expect(walked.refunds.length).toBe(8);
    // A refund is pending until an inquiry hears that the gateway's people completed it.
    for (const status of walked.refunds) expect(['succeeded', 'pending']).toContain(status);
    expect(new Set(walked.rubbish)).toEqual(new Set(['failed']));
    expect(new Set(walked.refusals.sealed)).toEqual(new Set([422]));
    expect(walked.refusals.refunds).toEqual([422, 422, 422, 422, 422, 400]);
  });

  it('were walked by callbacks with keys and numbers in them, plain, encrypted and kept in Redis', async () => {
    expect(walked.called).toEqual([200, 200, 200, 200, 200, 413, 200, 200, 200, 404]);
    const sql = 'SELECT DISTINCT encrypted FROM callbacks ORDER BY encrypted';
    expect(await stack.query(sql)).toEqual([{ encrypted: false }, { encrypted: true }]);
    const aof = kept.filter(({ name }) => name.startsWith('Redis file appendonlydir'));
    expect(leaksIn(aof, needlesFor('the list', 'callbacks-kept'))).not.toEqual([]);
  });

  it('were walked by mistakes of operators', () => {
    expect(walked.operator).toEqual([1, 2, 2]);
  });

  it('were walked by jobs in which a card was published', () => {
    expect(walked.strange).toHaveLength(33);
    expect(new Set(walked.strange)).toEqual(
      new Set([
        'payment.submit.v1 cannot be read: unexpected card',
        'payment.submit.v1 cannot be read: paymentId missing or malformed; unexpected number, cvv',
        'payment.submit.v1 cannot be read: paymentId missing or malformed; unexpected …',
        'payment.submit.v1 cannot be read: it is not an object',
        'payment.submit.v1 cannot be read: its id may hold a number',
        'payment.submit.v1 cannot be read: unexpected in its options deduplication',
        'card.keep.v1 cannot be read: no id in number, cvv',
        'its name does not have the form of a job name',
        'its name is not that of an event batch',
        '1 entries are not events: id, type, subject, time, data.sequence, data.payment_intent',
      ]),
    );
  });

  it('were walked by jobs that failed for good', () => {
    expect(walked.dead).toHaveLength(3);
    for (const { attempts, stacktrace } of walked.dead) {
      expect(attempts).toBe(ATTEMPTS);
      expect(stacktrace).not.toEqual([]);
    }
  });
});

it(
  'finds no card anywhere',
  () => {
    expect(kept.length).toBeGreaterThan(200);
    expect(leaksIn(kept, needlesOfCards)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it(
  'finds no key but with the gateway, which has it from us',
  () => {
    const ours = kept.filter(({ name }) => !name.includes('sandbox'));
    const needles = [
      ...needlesFor('the API key', stack.apiKey),
      ...needlesFor('the ops key', stack.opsKey),
      ...stack.terminals.flatMap(({ name, privateKey }) =>
        needlesFor(`key of ${name}`, privateKey),
      ),
      ...privateKeys().flatMap((key) => needlesFor('a private key', key)),
    ];
    expect(needles.length).toBeGreaterThan(100);
    expect(leaksIn(ours, needles)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it('leaves no core file behind, not of a crash either', () => {
  expect(kept.filter(({ name }) => name.startsWith('core file'))).toEqual([]);
});

describe('it would have found a leak', () => {
  it('wherever the id of a payment stands whose job is dead', () => {
    const [job] = walked.dead;
    const { id, paymentId } = { id: job?.id, paymentId: job?.data.paymentId ?? '' };
    const found = leaksIn(kept, needlesFor('the id', paymentId)).join('\n');
    for (const place of [
      'Redis file dump.rdb',
      'Redis file appendonlydir',
      'Postgres file base',
      'Postgres file pg_wal',
      'table payment_intents of payments',
      'table orders of orders',
      'log worker.log',
      'log leaks-postgres.log',
      `page of api: /ops/queues/api/queues/submission-default/${id}`,
      'answer of api to GET',
      "operator's CLI says to explain dead-row-x",
    ])
      expect(found).toContain(place);
  });

  it.each(['api', 'worker', 'webhook', 'orders'])('in the metrics of %s', (app) => {
    const pages = kept.filter(({ name }) => name === `page of ${app}: /metrics`);
    expect(leaksIn(pages, needlesFor('a metric', 'quittance_'))).not.toEqual([]);
  });

  it(
    'of each kind, planted in each of the places',
    async () => {
      const [deadJob] = walked.dead;
      if (!deadJob) throw new Error('no job is dead');
      const planted = plantsFor(stack, deadJob).map((plant) => ({
        plant,
        card: canary(plant.where),
      }));
      for (const { plant, card } of planted) await plant.hide(card.number);
      const all = await places();
      for (const { plant, card } of planted) {
        const there = all.filter(({ name }) => plant.in.test(name));
        const number = needlesFor(plant.where, card.number);
        expect([plant.where, leaksIn(there, number)]).not.toEqual([plant.where, []]);
      }
    },
    SCAN_LIMIT_MS,
  );
});
