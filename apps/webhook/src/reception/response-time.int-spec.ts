// Goal: a response reveals nothing about the callback by its status, body, headers or time. Method:
// ten thousand callbacks of five kinds in random order over persistent connections. A permutation
// test compares the times (test/time-leak.ts), so that a noisy machine widens the bound and the
// result alike. The same test must detect a planted difference; otherwise it proves nothing.
import { Client } from 'undici';
import { shuffled, testForLeak, type Timing } from '../../test/time-leak.js';
import { envelope, fields, JSON_TYPE } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

const KINDS = ['unknown id', 'wrong token', 'bad padding', 'good padding', 'valid'] as const;
type Kind = (typeof KINDS)[number];

const CALLBACKS = 10_000;
/** Few enough that the work usually ends before the first tick. */
const LANES = 24;
/** One in two thousand runs may fail by chance alone. */
const ROUNDS = 1_999;
const HELD_MS = 100;

async function measured(answerAfterMs: number, callbacks: number) {
  const rig = await WebhookRig.start({ answerAfterMs });
  try {
    await rig.reset();
    const calls = await prepare(rig);
    const timings: Timing[] = [];
    const responses = new Map<string, Set<Kind>>();
    const queue = shuffled(
      Array.from({ length: callbacks }, (_, at) => KINDS[at % KINDS.length] as Kind),
    );
    const url = await rig.url();
    const lane = async () => {
      const client = new Client(url.origin);
      for (let kind = queue.pop(); kind; kind = queue.pop()) {
        const { path, body } = calls[kind]();
        const startedAt = performance.now();
        const reply = await client.request({
          method: 'POST',
          path,
          headers: { 'content-type': JSON_TYPE },
          body,
        });
        const text = await reply.body.text();
        timings.push({ kind, ms: performance.now() - startedAt });
        // Everything but the random id and the date is compared.
        const { 'x-request-id': id, date, ...headers } = reply.headers;
        const seen = JSON.stringify([reply.statusCode, text, headers, typeof id, typeof date]);
        responses.set(seen, (responses.get(seen) ?? new Set()).add(kind));
      }
      await client.close();
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const stored = await rig.rows(
      `SELECT verdict = 'parked' AS "isParked", count(*)::int AS count FROM callbacks GROUP BY 1 ORDER BY 1`,
    );
    return { timings, responses, stored };
  } finally {
    await rig.stop();
  }
}

/**
 * Prepares the callbacks of each kind. They have equal lengths, and none is repeated, so that every
 * valid one is stored.
 */
async function prepare(rig: WebhookRig) {
  const payments = await Promise.all(Array.from({ length: 500 }, () => rig.accept()));
  const one = () => payments[Math.floor(Math.random() * payments.length)]!;
  let count = 0;
  const text = (payment: ReturnType<typeof one>, changes: object = {}) => {
    const number = String((count += 1)).padStart(8, '0');
    return JSON.stringify(fields(payment, '27', { response: number, ...changes }));
  };
  const valid = (payment: ReturnType<typeof one>) => envelope(text(payment));
  const damaged = (body: string) => body.replace(/.{22}"}$/, `${'A'.repeat(22)}"}`);
  const stranger = { ...one(), id: 'pi_00000000000000000000000000' };
  const wrong = () => `${one().id}.${'A'.repeat(43)}`;
  return {
    'unknown id': () => ({
      path: `/callbacks/${stranger.id}.${'A'.repeat(43)}`,
      body: valid(one()),
    }),
    'wrong token': () => ({ path: `/callbacks/${wrong()}`, body: valid(one()) }),
    'bad padding': () => {
      const payment = one();
      return { path: `/callbacks/${rig.addressOf(payment)}`, body: damaged(valid(payment)) };
    },
    'good padding': () => {
      const payment = one();
      const body = envelope(text(payment, { bill_amt: '99.99' }));
      return { path: `/callbacks/${rig.addressOf(payment)}`, body };
    },
    valid: () => {
      const payment = one();
      return { path: `/callbacks/${rig.addressOf(payment)}`, body: valid(payment) };
    },
  } satisfies Record<Kind, () => { path: string; body: string }>;
}

/** Returns the interquartile range of the times, in milliseconds. */
function middleHalfMs(timings: readonly Timing[]): number {
  const sorted = timings.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return at(0.75) - at(0.25);
}

it('is the same for every kind over ten thousand callbacks', async () => {
  const { timings, responses, stored } = await measured(HELD_MS, CALLBACKS);
  expect(timings).toHaveLength(CALLBACKS);
  // The callbacks are of the kinds they claim: those with a valid token were stored, each with the
  // verdict of its kind.
  expect(stored).toEqual([
    { isParked: false, count: CALLBACKS / 5 },
    { isParked: true, count: (2 * CALLBACKS) / 5 },
  ]);
  expect([...responses.values()].map((kinds) => kinds.size)).toEqual([KINDS.length]);
  const { p, distance, byChance } = testForLeak(timings, ROUNDS);
  const isRevealed = p <= 1 / (ROUNDS + 1);
  expect({ p, distance, byChance, isRevealed }).toMatchObject({ isRevealed: false });

  // Tests the test: it detects a millisecond added to one kind of the same measurements. A noisy
  // machine needs more, a quarter of the interquartile range.
  const extraMs = Math.max(1, middleHalfMs(timings) / 4);
  const planted = timings.map(({ kind, ms }) => ({
    kind,
    ms: kind === 'bad padding' ? ms + extraMs : ms,
  }));
  expect(testForLeak(planted, 999).p).toBe(1 / 1_000);
}, 600_000);

it('would be revealed by its time without the ticks', async () => {
  const { timings } = await measured(0, 1_000);
  expect(testForLeak(timings, 999).p).toBe(1 / 1_000);
});
