import fc from 'fast-check';
import { EventEmitter, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { createLogger } from './logging.js';
import { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';

/** Counts passes, which take a few turns of the event loop, and detects overlaps. */
class Passes {
  started = 0;
  running = 0;
  mostRunning = 0;
  #waiters: (() => void)[] = [];

  readonly run = async (): Promise<void> => {
    this.started += 1;
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    await turn();
    await turn();
    this.running -= 1;
    for (const wake of this.#waiters.splice(0)) wake();
  };

  async ended(count: number): Promise<void> {
    while (this.started < count || this.running > 0) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }
}

const logged: string[] = [];
const log = createLogger({ name: 'test', destination: { write: (line) => logged.push(line) } });

/** An hour, so the clock never causes a second pass within a test. */
const RARELY_MS = 3_600_000;
const rarely = { name: 'sweep', everyMs: RARELY_MS, log };

function taskFor(run: PeriodicTaskOptions['run'], everyMs = RARELY_MS): PeriodicTask {
  return new PeriodicTask({ name: 'sweep', everyMs, run, log });
}

describe('a periodic task', () => {
  it('starts with a pass and continues', async () => {
    const passes = new Passes();
    const task = taskFor(passes.run, 1);
    task.start();
    await passes.ended(3);
    await task.stop();
    expect(passes.mostRunning).toBe(1);
  });

  it('may wait for a poke or the clock before its first pass', async () => {
    const passes = new Passes();
    const task = new PeriodicTask({ ...rarely, startsLater: true, run: passes.run });
    task.start();
    await turn();
    expect(passes.started).toBe(0);
    task.poke();
    await passes.ended(1);
    await task.stop();
  });

  it('runs a pass on request without being started', async () => {
    const passes = new Passes();
    await taskFor(passes.run).runOnce();
    expect(passes.started).toBe(1);
  });

  it('joins the running pass instead of starting a second', async () => {
    const passes = new Passes();
    const task = taskFor(passes.run);
    await Promise.all([task.runOnce(), task.runOnce()]);
    expect(passes.started).toBe(1);
  });

  it('runs soon when it is poked, and once more when it was poked during a pass', async () => {
    const passes = new Passes();
    const task = taskFor(passes.run);
    task.start();
    await passes.ended(1);
    task.poke();
    await passes.ended(2);
    const running = task.runOnce();
    task.poke();
    await running;
    await task.stop();
    expect(passes.started).toBe(3);
  });

  it('gathers pokes for a time, before each pass', async () => {
    const starts: number[] = [];
    const passes = new Passes();
    const run = () => {
      starts.push(performance.now());
      return passes.run();
    };
    const task = new PeriodicTask({ ...rarely, gatherMs: 20, run });
    task.start();
    for (const count of [1, 2, 3]) {
      await passes.ended(count);
      task.poke();
      task.poke();
    }
    await passes.ended(4);
    await task.stop();
    const gaps = starts.slice(1).map((start, at) => start - (starts[at] ?? 0));
    // A timer may fire a fraction of a millisecond early, never more.
    expect(Math.min(...gaps)).toBeGreaterThan(18);
    expect(starts).toHaveLength(4);
  });

  it('is not put off by further pokes', async () => {
    const passes = new Passes();
    const task = new PeriodicTask({ ...rarely, gatherMs: 20, run: passes.run });
    task.start();
    await passes.ended(1);
    const poking = setInterval(() => task.poke(), 1);
    await passes.ended(3);
    clearInterval(poking);
    await task.stop();
    expect(passes.mostRunning).toBe(1);
  });

  it('runs soon when it is poked after a pass on request that was poked too', async () => {
    const passes = new Passes();
    const task = taskFor(passes.run);
    task.start();
    await passes.ended(1);
    // The loop schedules its next pass.
    await turn();
    const running = task.runOnce();
    task.poke();
    await running;
    task.poke();
    await passes.ended(3);
    await task.stop();
    expect(passes.started).toBe(3);
  });

  it('does not wait between passes while more work is waiting', async () => {
    let left = 5;
    const events = new EventEmitter();
    const isDone = once(events, 'done');
    const task = taskFor(async () => {
      left -= 1;
      if (left > 0) return 'again';
      return events.emit('done');
    });
    task.start();
    await isDone;
    await task.stop();
    expect(left).toBe(0);
  });

  it('logs a failed pass and continues', async () => {
    const events = new EventEmitter();
    const isRepeated = once(events, 'repeated');
    let passes = 0;
    const task = taskFor(() => {
      passes += 1;
      if (passes === 2) events.emit('repeated');
      return Promise.reject(new Error('no luck'));
    }, 1);
    task.start();
    await isRepeated;
    await task.stop();
    expect(logged.join('')).toContain('no luck');
    expect(logged.join('')).toContain('"task":"sweep"');
  });

  it('rejects the requester of a failed pass', async () => {
    const task = taskFor(() => Promise.reject(new Error('no luck')));
    await expect(task.runOnce()).rejects.toThrow('no luck');
  });

  it('aborts the running pass and waits for its end when stopped', async () => {
    const events = new EventEmitter();
    const isRunning = once(events, 'running');
    let wasAborted = false;
    const task = taskFor(async (signal) => {
      events.emit('running');
      while (!signal.aborted) await turn();
      await turn();
      wasAborted = true;
    });
    task.start();
    await isRunning;
    await task.stop();
    expect(wasAborted).toBe(true);
  });

  it('ignores pokes before the start and after the stop', async () => {
    const passes = new Passes();
    const task = taskFor(passes.run);
    task.poke();
    await task.stop();
    task.poke();
    await turn();
    expect(passes.started).toBe(0);
  });

  it('survives any order of start, stop and poke: never two passes at once, none after a stop', async () => {
    const moves = fc.array(fc.constantFrom('start', 'stop', 'poke', 'turn'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(moves, async (sequence) => {
        const passes = new Passes();
        const task = taskFor(passes.run, 0);
        for (const move of sequence) {
          if (move === 'turn') await turn();
          else if (move === 'stop') {
            await task.stop();
            expect(passes.running).toBe(0);
          } else task[move]();
        }
        await task.stop();
        const started = passes.started;
        await turn();
        expect(passes).toMatchObject({ started, running: 0 });
        expect(passes.mostRunning).toBeLessThanOrEqual(1);
      }),
    );
  });
});
