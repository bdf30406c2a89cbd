// Goal: nobody outside can tell from an answer, its status, its body, its headers or its time, what
// became of a callback. Method: ten thousand callbacks of five kinds in random order over
// kept-alive connections; the times are compared by relabelling (test/time-leak.ts), so that a
// noisy machine widens the bound and the finding alike. The same test has to find what is planted,
// or it proves nothing.
import { Client } from 'undici';
import { shuffled, testForLeak, type Timing } from '../../test/time-leak.js';
import { envelope, fields, JSON_TYPE } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

const KINDS = ['unknown id', 'wrong token', 'bad padding', 'good padding', 'right'] as const;
type Kind = (typeof KINDS)[number];

const TRIES = 10_000;
/** Few enough that the work stays below the wait, most of the time. */
const LANES = 24;
/** One in two thousand runs may fail by chance alone. */
const ROUNDS = 1_999;
const HELD_MS = 100;

async function measured(answerAfterMs: number, tries: number) {
  const rig = await WebhookRig.start({ answerAfterMs });
  try {
    await rig.reset();
    const calls = await prepare(rig);
    const timings: Timing[] = [];
    const answers = new Map<string, Set<Kind>>();
    const queue = shuffled(
      Array.from({ length: tries }, (_, at) => KINDS[at % KINDS.length] as Kind),
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
        // The id is random and the date goes with the clock; everything else is compared.
        const { 'x-request-id': id, date, ...headers } = reply.headers;
        const seen = JSON.stringify([reply.statusCode, text, headers, typeof id, typeof date]);
        answers.set(seen, (answers.get(seen) ?? new Set()).add(kind));
      }
      await client.close();
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const stored = await rig.rows(
      `SELECT verdict = 'parked' AS "isParked", count(*)::int AS count FROM callbacks GROUP BY 1 ORDER BY 1`,
    );
    return { timings, answers, stored };
  } finally {
    await rig.stop();
  }
}

/**
 * What to post for each kind: as long as each other, and never the same twice, so that each right
 * one is stored.
 */
async function prepare(rig: WebhookRig) {
  const payments = await Promise.all(Array.from({ length: 500 }, () => rig.accept()));
  const one = () => payments[Math.floor(Math.random() * payments.length)]!;
  let count = 0;
  const text = (payment: ReturnType<typeof one>, changes: object = {}) => {
    const number = String((count += 1)).padStart(8, '0');
    return JSON.stringify(fields(payment, '27', { response: number, ...changes }));
  };
  const right = (payment: ReturnType<typeof one>) => envelope(text(payment));
  const damaged = (body: string) => body.replace(/.{22}"}$/, `${'A'.repeat(22)}"}`);
  const stranger = { ...one(), id: 'pi_00000000000000000000000000' };
  const wrong = () => `${one().id}.${'A'.repeat(43)}`;
  return {
    'unknown id': () => ({
      path: `/callbacks/${stranger.id}.${'A'.repeat(43)}`,
      body: right(one()),
    }),
    'wrong token': () => ({ path: `/callbacks/${wrong()}`, body: right(one()) }),
    'bad padding': () => {
      const payment = one();
      return { path: `/callbacks/${rig.addressOf(payment)}`, body: damaged(right(payment)) };
    },
    'good padding': () => {
      const payment = one();
      const body = envelope(text(payment, { bill_amt: '99.99' }));
      return { path: `/callbacks/${rig.addressOf(payment)}`, body };
    },
    right: () => {
      const payment = one();
      return { path: `/callbacks/${rig.addressOf(payment)}`, body: right(payment) };
    },
  } satisfies Record<Kind, () => { path: string; body: string }>;
}

/** How far the middle half of the times is apart. */
function middleHalfMs(timings: readonly Timing[]): number {
  const sorted = timings.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return at(0.75) - at(0.25);
}

it('is the same in all that can be seen, over ten thousand tries', async () => {
  const { timings, answers, stored } = await measured(HELD_MS, TRIES);
  expect(timings).toHaveLength(TRIES);
  // The kinds are what they are called: those with the right token were stored, each by its own
  // verdict.
  expect(stored).toEqual([
    { isParked: false, count: TRIES / 5 },
    { isParked: true, count: (2 * TRIES) / 5 },
  ]);
  expect([...answers.values()].map((kinds) => kinds.size)).toEqual([KINDS.length]);
  const { p, distance, byChance } = testForLeak(timings, ROUNDS);
  expect({ p, distance, byChance, isTold: p <= 1 / (ROUNDS + 1) }).toMatchObject({ isTold: false });

  // The test of the test: a millisecond added to one kind of these very measurements is found. On a
  // noisy machine it takes more, a quarter of what half of all times lie within.
  const extraMs = Math.max(1, middleHalfMs(timings) / 4);
  const planted = timings.map(({ kind, ms }) => ({
    kind,
    ms: kind === 'bad padding' ? ms + extraMs : ms,
  }));
  expect(testForLeak(planted, 999).p).toBe(1 / 1_000);
}, 600_000);

it('would be told by its time if nobody waited', async () => {
  const { timings } = await measured(0, 1_000);
  expect(testForLeak(timings, 999).p).toBe(1 / 1_000);
}, 120_000);
