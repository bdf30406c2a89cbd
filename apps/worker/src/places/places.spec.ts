// Goal: a terminal whose gateway does not reply leaves places for others, and a healthy terminal on
// its own has enough. Method: calls that the test ends, a clock that it sets, and random orders of
// starts and ends.
import { jest } from '@jest/globals';
import { Unavailable } from '@quittance/platform';
import fc from 'fast-check';
import { Places } from './places.js';

/** Places whose calls hang until the test ends them. */
class Rig {
  nowMs = 0;
  putOffs = 0;
  hurries = 0;
  readonly #ends: { terminal: string; end: () => void }[] = [];
  readonly places: Places;

  constructor(count: number) {
    this.places = new Places({
      count,
      now: () => this.nowMs,
      onPutOff: () => (this.putOffs += 1),
      pace: { turn: () => Promise.resolve(), hurry: () => (this.hurries += 1) },
    });
  }

  /** Resolves with `begun`, or with the delay of the step in milliseconds. */
  async begin(terminal: string): Promise<'begun' | number> {
    return new Promise((resolve, reject) => {
      const call = () =>
        new Promise<void>((end) => {
          this.#ends.push({ terminal, end });
          resolve('begun');
        });
      this.places.hold(terminal, call).catch((error: unknown) => {
        if (error instanceof Unavailable) resolve((error.retryAfterSeconds ?? 0) * 1_000);
        else reject(error);
      });
    });
  }

  /**
   * Begins as many calls as there are places for. All calls in flight are old by then, so that no
   * step waits.
   */
  async fill(terminal: string): Promise<number> {
    let begun = 0;
    do this.nowMs += 1_000;
    while ((await this.begin(terminal)) === 'begun' && (begun += 1) > 0);
    return begun;
  }

  async end(at: number): Promise<string> {
    const [call] = this.#ends.splice(at, 1);
    call?.end();
    // The place becomes free a few promises later.
    await new Promise((resolve) => setImmediate(resolve));
    return call?.terminal ?? '';
  }

  get inFlight(): readonly string[] {
    return this.#ends.map(({ terminal }) => terminal);
  }
}

it.each([
  // places, and the share of each silent terminal in turn
  [1, [1, 0]],
  [2, [1, 1]],
  [32, [16, 8, 4]],
  [256, [128, 64, 32, 16, 8, 4, 2, 1, 1]],
])(
  'of %i places each silent terminal takes as many as it leaves free: %j',
  async (count, shares) => {
    const rig = new Rig(count);
    const got: number[] = [];
    for (const [at] of shares.entries()) got.push(await rig.fill(`terminal-${at}`));
    expect(got).toEqual(shares);
    expect(rig.places.inUse).toBe(shares.reduce((sum, share) => sum + share));
  },
);

it('grants a place again after a call of the terminal has ended', async () => {
  const rig = new Rig(4);
  expect(await rig.fill('a')).toBe(2);
  await rig.end(0);
  expect(await rig.begin('a')).toBe('begun');
  expect(await rig.begin('a')).not.toBe('begun');
});

it('frees the place when the call fails, and rejects with the call’s error', async () => {
  const rig = new Rig(2);
  const broken = new Error('broken');
  await expect(rig.places.hold('a', () => Promise.reject(broken))).rejects.toBe(broken);
  expect(rig.places.inUse).toBe(0);
  expect(await rig.begin('a')).toBe('begun');
});

it('lets a step wait a moment instead of delaying it while the terminal’s calls are quick', async () => {
  const rig = new Rig(2);
  expect(await rig.begin('a')).toBe('begun');
  const next = [rig.begin('a'), rig.begin('a')];
  await rig.end(0);
  await rig.end(0);
  expect(await Promise.all(next)).toEqual(['begun', 'begun']);
  expect(rig.putOffs).toBe(0);
});

it('lets as many steps wait as there are slots while the terminal’s calls are quick', async () => {
  const rig = new Rig(256);
  for (let call = 0; call < 128; call += 1) expect(await rig.begin('a')).toBe('begun');
  rig.nowMs += 900;
  await rig.end(0);
  expect(await rig.begin('a')).toBe('begun');
  const waiting = Array.from({ length: 128 }, () => rig.begin('a'));
  for (let call = 0; call < 128; call += 1) await rig.end(0);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => 'begun'));
  expect(rig.putOffs).toBe(0);
});

it('lets no slot wait for calls that are slow', async () => {
  const rig = new Rig(256);
  for (let call = 0; call < 128; call += 1) await rig.begin('a');
  rig.nowMs += 12 * 128;
  const waiting = Array.from({ length: 20 }, () => rig.begin('a'));
  while (rig.inFlight.length > 0) await rig.end(0);
  await Promise.all(waiting);
  expect(rig.putOffs).toBe(20 - Math.floor(100 / 12));
});

it('lets no step wait for a gateway that does not reply', async () => {
  const rig = new Rig(256);
  await rig.fill('a');
  rig.nowMs += 30_000;
  expect(await rig.begin('a')).toBe(250);
  expect(rig.putOffs).toBe(2);
});

it('spaces delayed steps by twice the rate at which places become free, and a large backlog closer', async () => {
  const rig = new Rig(256);
  for (let call = 0; call < 128; call += 1) await rig.begin('a');
  rig.nowMs += 30_000;
  const returns: number[] = [];
  for (let step = 0; step < 5_000; step += 1) returns.push(Number(await rig.begin('a')));
  const gaps = returns.slice(1).map((at, index) => at - (returns[index] ?? 0));
  expect(gaps[0]).toBeCloseTo(30_000 / 256, 3);
  expect(returns.filter((at) => at <= 30_000)).toHaveLength(254);
  expect(gaps.at(-1)).toBeCloseTo(10, 3);
  // At most a hundred come back per second, and the last comes back within minutes.
  expect(Math.max(...returns)).toBeLessThan(120_000);
});

it('has a hundred steps a second of all backlogs together come back', async () => {
  const rig = new Rig(256);
  for (const terminal of ['a', 'b', 'c', 'd'])
    for (let call = 0; call < 16; call += 1) await rig.begin(terminal);
  rig.nowMs += 30_000;
  const returns: number[] = [];
  for (let step = 0; step < 2_000; step += 1)
    for (const terminal of ['a', 'b', 'c', 'd']) returns.push(Number(await rig.begin(terminal)));
  const far = returns.filter((ms) => ms > 31_000 && ms < 41_000);
  expect(far.length).toBeGreaterThan(900);
  expect(far.length).toBeLessThan(1_100);
});

it('hurries the steps that are put off when a terminal with free places begins one', async () => {
  const rig = new Rig(4);
  await rig.fill('a');
  const before = rig.hurries;
  await rig.begin('a');
  expect(rig.hurries).toBe(before);
  await rig.begin('b');
  expect(rig.hurries).toBe(before + 1);
});

it('never exceeds its places, and never delays a terminal that has none while two are free', async () => {
  const step = fc.oneof(
    fc.record({ begin: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
    fc.record({ end: fc.nat() }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(step, { maxLength: 60 }),
      async (count, steps) => {
        const rig = new Rig(count);
        for (const one of steps) {
          rig.nowMs += 100_000_000;
          const before = rig.inFlight;
          if ('end' in one) {
            if (before.length > 0) await rig.end(one.end % before.length);
          } else {
            const outcome = await rig.begin(one.begin);
            const has = before.filter((terminal) => terminal === one.begin).length;
            expect(outcome === 'begun').toBe(has < count - before.length);
          }
          expect(rig.places.inUse).toBe(rig.inFlight.length);
          expect(rig.inFlight.length).toBeLessThanOrEqual(count);
        }
      },
    ),
    { numRuns: 200 },
  );
});

describe('with a backlog of one terminal at a slow gateway', () => {
  const CALL_MS = 400;
  const STEP_MS = 5;
  const SLOTS = 16;
  const BACKLOG = 400;
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** Resolves with the share of the time for which the terminal's places were in use. */
  async function utilization(workers: number): Promise<number> {
    const queue = Array.from({ length: BACKLOG }, () => ({ dueAt: 0 }));
    const all = Array.from({ length: workers }, () => ({
      places: new Places({ count: SLOTS }),
      jobs: 0,
    }));
    let done = 0;
    // From half to one and a half of the mean, in an order that repeats.
    const call = () =>
      new Promise<void>((end) => setTimeout(end, CALL_MS * (0.5 + ((done * 7) % 11) / 10)));
    const startedAt = performance.now();
    while (done < BACKLOG) {
      // The worker that has waited longest for a job gets the next one, as in Redis.
      all.push(all.shift()!);
      for (const worker of all)
        while (worker.jobs < SLOTS) {
          const at = queue.findIndex(({ dueAt }) => dueAt <= performance.now());
          if (at === -1) break;
          queue.splice(at, 1);
          worker.jobs += 1;
          const end = () => (worker.jobs -= 1);
          void worker.places.hold('a', call).then(
            () => (done += 1) && end(),
            (error: Unavailable) => {
              const delayMs = (error.retryAfterSeconds ?? 0) * 1_000;
              queue.push({ dueAt: performance.now() + delayMs });
              end();
            },
          );
        }
      await jest.advanceTimersByTimeAsync(STEP_MS);
    }
    const idealMs = (BACKLOG * CALL_MS) / (workers * (SLOTS / 2));
    return idealMs / (performance.now() - startedAt);
  }

  it.each([1, 2, 4])('has its places in use nearly always, with %i workers', async (workers) => {
    expect(await utilization(workers)).toBeGreaterThan(0.85);
  });
});

it('has fewer places after a change, and calls in flight keep theirs', async () => {
  const rig = new Rig(8);
  for (let call = 0; call < 4; call += 1) expect(await rig.begin('a')).toBe('begun');
  rig.places.resize(2);
  rig.nowMs += 100_000_000;
  expect(rig.places.inUse).toBe(4);
  expect(await rig.begin('b')).not.toBe('begun');
  for (let call = 0; call < 4; call += 1) await rig.end(0);
  expect(await rig.begin('b')).toBe('begun');
  expect(await rig.begin('b')).not.toBe('begun');
});
