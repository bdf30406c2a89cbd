// Goal: for any sizes, load and failures, every input gets its own output. Method: properties over
// random loads, with a run that records its inputs.
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { Batcher, type BatcherOptions } from './batcher.js';
import { InvariantViolation, Unavailable } from './faults.js';

class PoisonError extends Error {}

/**
 * Doubles its inputs after a few turns of the event loop. Fails as a whole when one of them is
 * poisoned.
 */
class DoublingRun {
  readonly batches: number[][] = [];
  inFlight = 0;
  mostInFlight = 0;

  constructor(readonly poisoned: ReadonlySet<number> = new Set()) {}

  readonly run = async (inputs: readonly number[]): Promise<number[]> => {
    this.batches.push([...inputs]);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    for (let turns = inputs.length % 3; turns >= 0; turns -= 1) await turn();
    this.inFlight -= 1;
    if (inputs.some((input) => this.poisoned.has(input))) throw new PoisonError();
    return inputs.map((input) => input * 2);
  };
}

function batcherFor(run: DoublingRun, options: Partial<BatcherOptions<number, number>> = {}) {
  return new Batcher<number, number>({ run: run.run, maxBatch: 10, maxConcurrent: 2, ...options });
}

/** Submits inputs 0…count-1 in bursts with a turn of the event loop in between. */
async function submitAll(batcher: Batcher<number, number>, bursts: readonly number[]) {
  const outputs: Promise<PromiseSettledResult<number>[]>[] = [];
  let next = 0;
  for (const size of bursts) {
    outputs.push(Promise.allSettled(Array.from({ length: size }, () => batcher.submit(next++))));
    await turn();
  }
  return (await Promise.all(outputs)).flat();
}

describe('a batcher', () => {
  const loads = fc.record({
    bursts: fc.array(fc.nat(30), { maxLength: 8 }),
    maxBatch: fc.integer({ min: 1, max: 12 }),
    maxConcurrent: fc.integer({ min: 1, max: 4 }),
    poisoned: fc.uniqueArray(fc.nat(60), { maxLength: 6 }),
    apartMs: fc.nat(2),
  });

  it('gives every input its own output or its own failure, within its limits and in order', async () => {
    await fc.assert(
      fc.asyncProperty(loads, async ({ bursts, maxBatch, maxConcurrent, poisoned, apartMs }) => {
        const run = new DoublingRun(new Set(poisoned));
        const batcher = batcherFor(run, { maxBatch, maxConcurrent, apartMs });
        const results = await submitAll(batcher, bursts);
        results.forEach((result, input) => {
          if (run.poisoned.has(input)) expect(result.status).toBe('rejected');
          else expect(result).toEqual({ status: 'fulfilled', value: input * 2 });
        });
        expect(run.mostInFlight).toBeLessThanOrEqual(maxConcurrent);
        expect(run.batches.every((batch) => batch.length <= maxBatch)).toBe(true);
        for (const batch of run.batches) expect(batch).toEqual(batch.toSorted((a, b) => a - b));
        await batcher.idle();
      }),
    );
  });

  it('runs each input once when nothing fails, in the order of submission', async () => {
    await fc.assert(
      fc.asyncProperty(loads, async ({ bursts, maxBatch, maxConcurrent, apartMs }) => {
        const run = new DoublingRun();
        const batcher = batcherFor(run, { maxBatch, maxConcurrent, apartMs });
        const results = await submitAll(batcher, bursts);
        expect(run.batches.flat()).toEqual(results.map((_, input) => input));
      }),
    );
  });

  it('sends inputs that were submitted together in one batch', async () => {
    const run = new DoublingRun();
    await submitAll(batcherFor(run), [7]);
    expect(run.batches).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
  });

  it('lets calls gather while all its slots are busy', async () => {
    const run = new DoublingRun();
    const batcher = batcherFor(run, { maxConcurrent: 1 });
    await submitAll(batcher, [1, 1, 1, 1]);
    expect(run.batches[0]).toEqual([0]);
    expect(run.batches.length).toBeLessThan(4);
  });
});

describe('a batcher with a minimum interval between batches', () => {
  /** Longer than any test, so a pending timer never fires. */
  const FOR_EVER = { apartMs: 3_600_000, maxConcurrent: 1, maxBatch: 4 };

  it('lets calls gather after a batch of several, until the next is full', async () => {
    const run = new DoublingRun();
    const batcher = batcherFor(run, FOR_EVER);
    await submitAll(batcher, [2]);
    const rest = submitAll(batcher, [1, 1, 1]);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(run.batches).toEqual([[0, 1]]);
    await Promise.all([rest, submitAll(batcher, [1])]);
    expect(run.batches.map(({ length }) => length)).toEqual([2, 4]);
  });

  it('does not delay single calls', async () => {
    const run = new DoublingRun();
    const batcher = batcherFor(run, FOR_EVER);
    for (let call = 0; call < 5; call += 1) await submitAll(batcher, [1]);
    expect(run.batches).toHaveLength(5);
  });

  it('runs the gathered calls, and is idle only after them', async () => {
    const run = new DoublingRun();
    const batcher = batcherFor(run, { ...FOR_EVER, apartMs: 5 });
    await submitAll(batcher, [2]);
    const late = submitAll(batcher, [3]);
    await batcher.idle();
    expect(run.batches.map(({ length }) => length)).toEqual([2, 3]);
    await late;
  });
});

describe('a failed batch', () => {
  it('is run again input by input, so that a bad input fails alone', async () => {
    const run = new DoublingRun(new Set([1]));
    const results = await submitAll(batcherFor(run), [3]);
    expect(run.batches).toEqual([[0, 1, 2], [0], [1], [2]]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is not run again when it had one input', async () => {
    const run = new DoublingRun(new Set([0]));
    await submitAll(batcherFor(run), [1]);
    expect(run.batches).toEqual([[0]]);
  });

  it.each([
    ['isolation is off', false],
    [
      'the error would fail each input alone as well',
      (error: unknown) => !(error instanceof PoisonError),
    ],
  ])('fails as a whole when %s', async (_, isolateFailures) => {
    const run = new DoublingRun(new Set([1]));
    const results = await submitAll(batcherFor(run, { isolateFailures }), [3]);
    expect(run.batches).toEqual([[0, 1, 2]]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('is never run again after it returned a wrong number of outputs, because its work is done', async () => {
    let runs = 0;
    const run = async () => {
      runs += 1;
      return [1];
    };
    const batcher = new Batcher<number, number>({ run, maxBatch: 10, maxConcurrent: 1 });
    const results = await submitAll(batcher, [2]);
    expect(runs).toBe(1);
    for (const result of results) {
      expect(result).toMatchObject({ reason: expect.any(InvariantViolation) as unknown });
    }
  });

  it('may also fail synchronously', async () => {
    const run = () => {
      throw new PoisonError();
    };
    const batcher = new Batcher<number, number>({ run, maxBatch: 10, maxConcurrent: 1 });
    await expect(batcher.submit(1)).rejects.toThrow(PoisonError);
  });
});

describe('an idle batcher', () => {
  it('resolves at once without work, otherwise when the work is done', async () => {
    const run = new DoublingRun();
    const batcher = batcherFor(run);
    await batcher.idle();
    const output = batcher.submit(4);
    let isSettled = false;
    void output.then(() => (isSettled = true));
    await batcher.idle();
    expect(isSettled).toBe(true);
    expect(await output).toBe(8);
  });

  it('rejects an input that waits too long for its turn, without running it', async () => {
    let answer: (outputs: number[]) => void = () => undefined;
    const ran: number[] = [];
    const batcher = new Batcher<number, number>({
      run: (inputs) => {
        ran.push(...inputs);
        return new Promise((resolve) => (answer = resolve));
      },
      maxBatch: 1,
      maxConcurrent: 1,
      waitMs: 20,
    });
    const first = batcher.submit(1);
    await turn();
    const late = await Promise.allSettled([batcher.submit(2), batcher.submit(3)]);
    for (const { status, reason } of late as PromiseRejectedResult[])
      expect([status, reason]).toEqual(['rejected', expect.any(Unavailable)]);
    answer([10]);
    await first;
    const next = batcher.submit(4);
    while (!ran.includes(4)) await turn();
    answer([40]);
    expect([await first, await next]).toEqual([10, 40]);
    expect(ran).toEqual([1, 4]);
  });

  it('does not try the rest of a failed batch one by one once the other side is unavailable', async () => {
    const gone = new Error('gone');
    const ran: number[][] = [];
    const batcher = new Batcher<number, number>({
      run: (inputs) => {
        ran.push([...inputs]);
        return Promise.reject(inputs.length > 1 ? new PoisonError() : gone);
      },
      maxBatch: 10,
      maxConcurrent: 1,
      isolateFailures: (error) => error instanceof PoisonError,
    });
    const results = await Promise.allSettled([1, 2, 3].map((input) => batcher.submit(input)));
    expect(results.map((result) => 'reason' in result && result.reason)).toEqual([
      gone,
      gone,
      gone,
    ]);
    expect(ran).toEqual([[1, 2, 3], [1]]);
  });
});
