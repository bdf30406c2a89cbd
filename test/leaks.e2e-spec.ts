// Goal: no card number, CVV or key is stored or shown anywhere except encrypted (PCI DSS 3.3, 3.4,
// 3.5, 10.3). Method: cards made for this run go down every path, with every log at its lowest
// level; then every byte that was stored or shown is searched for every form of them.
import { randomInt } from 'node:crypto';
import { Session } from '../tools/processes/session.js';
import type { ChaosStack } from './chaos/stack/chaos-stack.js';
import { artifactsOf } from './leaks/artifacts.js';
import { canaryCard, privateHalves } from './leaks/canaries.js';
import { takeAllPaths, type Outcomes } from './leaks/card-paths.js';
import { leaksToPlant, removePlantedFiles } from './leaks/planted-leaks.js';
import { leaksIn, needlesFor, needlesForCard, type Artifact } from './leaks/search.js';
import { startVerboseStack } from './leaks/verbose-stack.js';
import { TraceCollector } from './support/trace-collector.js';

const PLAY_LIMIT_MS = 300_000;
const SCAN_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** Of a job, by the table of jobs (`libs/queues`). */
const ATTEMPTS = 7;

const canary = (name: string) => canaryCard(name, randomInt);
const session = new Session();
const collector = new TraceCollector();
const cards = {
  accepted: canary('a card that was accepted'),
  rejected: canary('a card that was rejected'),
  sealed: canary('a card that its caller encrypted'),
  published: canary('a card that was published in jobs'),
};
const needlesOfCards = Object.values(cards).flatMap(needlesForCard);
let stack: ChaosStack;
let outcomes: Outcomes;
let artifacts: readonly Artifact[];

beforeAll(async () => {
  await collector.start();
  stack = await startVerboseStack(session, collector.url);
  outcomes = await takeAllPaths(stack, cards);
  artifacts = await allArtifacts();
}, PLAY_LIMIT_MS);
afterAll(async () => {
  if (stack) removePlantedFiles(stack);
  await session.stop();
  await collector.stop();
}, STOP_LIMIT_MS);

const allArtifacts = async () => [
  ...(await artifactsOf(stack)),
  ...outcomes.responses,
  { name: 'spans', bytes: Buffer.concat(collector.bodies) },
];

describe('every path was taken', () => {
  it('by cards in clear', () => {
    const ends = ['succeeded', 'declined', 'expired', 'in_doubt', 'requires_action'];
    expect(outcomes.statuses).toEqual(expect.arrayContaining(ends));
    expect(outcomes.rejected.payments).toEqual(
      expect.arrayContaining([400, 401, 404, 413, 415, 422]),
    );
  });

  it('by cards that their callers encrypted, and by refunds', () => {
    expect(outcomes.sealedStatuses.length).toBe(8);
    // A refund is pending until an inquiry finds that the gateway has completed it.
    for (const status of outcomes.sealedStatuses)
      expect(['succeeded', 'pending']).toContain(status);
    expect(new Set(outcomes.unusableStatuses)).toEqual(new Set(['failed']));
    expect(new Set(outcomes.rejected.sealed)).toEqual(new Set([422]));
    expect(outcomes.rejected.refunds).toEqual([422, 422, 422, 422, 422, 400]);
  });

  it('by batches, by a published job, and in the gateway’s form', () => {
    expect(outcomes.otherDoors).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(outcomes.gatewayForm.accepted).toEqual([200, 200, 200, 200]);
    expect(new Set(outcomes.gatewayForm.rejected)).toEqual(new Set([400, 404, 405, 413]));
    expect(artifacts.filter(({ name }) => name === 'callback to /callback')).toHaveLength(4);
  });

  it('by callbacks that contain keys and numbers, plain, encrypted and buffered in Redis', async () => {
    expect(outcomes.callbacks).toEqual([200, 200, 200, 200, 200, 413, 200, 200, 200, 404]);
    const sql = 'SELECT DISTINCT encrypted FROM callbacks ORDER BY encrypted';
    expect(await stack.query(sql)).toEqual([{ encrypted: false }, { encrypted: true }]);
    const aof = artifacts.filter(({ name }) => name.startsWith('Redis file appendonlydir'));
    expect(leaksIn(aof, needlesFor('the list', 'callbacks-kept'))).not.toEqual([]);
  });

  it('by mistakes of operators', () => {
    expect(outcomes.operator).toEqual([1, 2, 2]);
  });

  it('by jobs that contain a card', () => {
    expect(outcomes.rejectedJobs).toHaveLength(43);
    expect(new Set(outcomes.rejectedJobs)).toEqual(
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
        'a card number beside its data',
        'validation_failed',
        'signature_invalid',
        '1 entries are not events: id, type, subject, time, data.sequence, data.payment_intent',
      ]),
    );
  });

  it('by jobs that failed for good', () => {
    expect(outcomes.failedJobs).toHaveLength(3);
    for (const { attempts, stacktrace } of outcomes.failedJobs) {
      expect(attempts).toBe(ATTEMPTS);
      expect(stacktrace).not.toEqual([]);
    }
  });
});

it(
  'finds no card anywhere',
  () => {
    expect(artifacts.length).toBeGreaterThan(200);
    expect(leaksIn(artifacts, needlesOfCards)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it(
  'finds no key, except with the gateway, which has them too',
  () => {
    const ours = artifacts.filter(({ name }) => !name.includes('sandbox'));
    const needles = [
      ...needlesFor('the API key', stack.apiKey),
      ...needlesFor('the ops key', stack.opsKey),
      ...stack.terminals.flatMap(({ name, privateKey }) =>
        needlesFor(`key of ${name}`, privateKey),
      ),
      ...privateHalves(stack.setup.keyFolder).flatMap((key) => needlesFor('a private key', key)),
    ];
    expect(needles.length).toBeGreaterThan(100);
    expect(leaksIn(ours, needles)).toEqual([]);
  },
  SCAN_LIMIT_MS,
);

it('leaves no core file, not even of a crash', () => {
  expect(artifacts.filter(({ name }) => name.startsWith('core file'))).toEqual([]);
});

describe('the search finds a leak', () => {
  it('in each artifact, by the id of a payment whose job failed', () => {
    const [job] = outcomes.failedJobs;
    const { id, paymentId } = { id: job?.id, paymentId: job?.data.paymentId ?? '' };
    const found = leaksIn(artifacts, needlesFor('the id', paymentId)).join('\n');
    for (const name of [
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
      "output of the operator's CLI: explain dead-row-x",
      'spans',
    ])
      expect(found).toContain(name);
  });

  it.each(['api', 'worker', 'webhook', 'orders'])('in the metrics of %s', (app) => {
    const pages = artifacts.filter(({ name }) => name === `page of ${app}: /metrics`);
    expect(leaksIn(pages, needlesFor('a metric', 'quittance_'))).not.toEqual([]);
  });

  it(
    'of each kind, planted in each artifact',
    async () => {
      const [job] = outcomes.failedJobs;
      if (!job) throw new Error('no job has failed');
      const planted = leaksToPlant(stack, job.id).map((leak) => ({
        ...leak,
        card: canary(leak.where),
      }));
      for (const { plant, card } of planted) await plant(card.number);
      const all = await allArtifacts();
      for (const { where, artifact, card } of planted) {
        const candidates = all.filter(({ name }) => artifact.test(name));
        const number = needlesFor(where, card.number);
        expect([where, leaksIn(candidates, number)]).not.toEqual([where, []]);
      }
    },
    SCAN_LIMIT_MS,
  );
});
