// Goal: a terminal whose gateway is silent leaves room for others, and a healthy one alone has room
// enough. Method: calls that end when the test says so, a clock that it sets, and any order of
// beginnings and ends.
import { Unavailable } from '@quittance/platform';
import fc from 'fast-check';
import { Places } from './places.js';

/** Places whose calls hang until they are let go. */
class Rig {
  nowMs = 0;
  putOffs = 0;
  readonly #ends: { terminal: string; end: () => void }[] = [];
  readonly places: Places;

  constructor(count: number) {
    this.places = new Places({
      count,
      now: () => this.nowMs,
      onPutOff: () => (this.putOffs += 1),
    });
  }

  /** `begun`, or after how many milliseconds the step comes back. */
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
   * Begins as many as there is room for; all calls under way are old by then, so that nothing is
   * waited for.
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
    // The place is given back a few promises later.
    await new Promise((resolve) => setImmediate(resolve));
    return call?.terminal ?? '';
  }

  get underWay(): readonly string[] {
    return this.#ends.map(({ terminal }) => terminal);
  }
}

it.each([
  // places, what each of so many silent terminals gets in turn
  [1, [1, 0]],
  [2, [1, 1]],
  [32, [16, 8, 4]],
  [256, [128, 64, 32, 16, 8, 4, 2, 1, 1]],
])(
  'of %i places each silent terminal gets as many as it leaves free: %j',
  async (count, shares) => {
    const rig = new Rig(count);
    const got: number[] = [];
    for (const [at] of shares.entries()) got.push(await rig.fill(`terminal-${at}`));
    expect(got).toEqual(shares);
    expect(rig.places.inUse).toBe(shares.reduce((sum, share) => sum + share));
  },
);

it('gives a place again when a call of the terminal has ended', async () => {
  const rig = new Rig(4);
  expect(await rig.fill('a')).toBe(2);
  await rig.end(0);
  expect(await rig.begin('a')).toBe('begun');
  expect(await rig.begin('a')).not.toBe('begun');
});

it('gives the place back when the call fails, and lets its error through', async () => {
  const rig = new Rig(2);
  const broken = new Error('broken');
  await expect(rig.places.hold('a', () => Promise.reject(broken))).rejects.toBe(broken);
  expect(rig.places.inUse).toBe(0);
  expect(await rig.begin('a')).toBe('begun');
});

it('has a step wait a moment while the terminal’s calls are quick, and not be put off', async () => {
  const rig = new Rig(2);
  expect(await rig.begin('a')).toBe('begun');
  const next = [rig.begin('a'), rig.begin('a')];
  await rig.end(0);
  await rig.end(0);
  expect(await Promise.all(next)).toEqual(['begun', 'begun']);
  expect(rig.putOffs).toBe(0);
});

it('has nothing wait for a gateway that is silent', async () => {
  const rig = new Rig(256);
  await rig.fill('a');
  rig.nowMs += 30_000;
  expect(await rig.begin('a')).toBe(250);
  expect(rig.putOffs).toBe(2);
});

it('plans the return of what it puts off as fast as places come free, and a large backlog closer', async () => {
  const rig = new Rig(256);
  for (let call = 0; call < 128; call += 1) await rig.begin('a');
  rig.nowMs += 30_000;
  const returns: number[] = [];
  for (let step = 0; step < 5_000; step += 1) returns.push(Number(await rig.begin('a')));
  const gaps = returns.slice(1).map((at, index) => at - (returns[index] ?? 0));
  expect(gaps[0]).toBeCloseTo(30_000 / 128, 3);
  expect(returns.filter((at) => at <= 30_000)).toHaveLength(127);
  expect(gaps.at(-1)).toBeCloseTo(10, 3);
  // No second holds more than a hundred of them, and the last comes back within minutes.
  expect(Math.max(...returns)).toBeLessThan(120_000);
});

it('never has more under way than places, and never refuses a terminal that has none while two are free', async () => {
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
          const before = rig.underWay;
          if ('end' in one) {
            if (before.length > 0) await rig.end(one.end % before.length);
          } else {
            const outcome = await rig.begin(one.begin);
            const has = before.filter((terminal) => terminal === one.begin).length;
            expect(outcome === 'begun').toBe(has < count - before.length);
          }
          expect(rig.places.inUse).toBe(rig.underWay.length);
          expect(rig.underWay.length).toBeLessThanOrEqual(count);
        }
      },
    ),
    { numRuns: 200 },
  );
});
