// Goal: a merchant without waiting jobs is served soon, however many jobs the others have. Method:
// a model of BullMQ's sorted set, filled by any number of processes and served in any order of
// arrivals and services, and single cases of what a process may find at the head of the queue.
import fc from 'fast-check';
import { ROUND_MAX, Turns } from './turns.js';

interface WaitingJob {
  readonly merchant: string;
  readonly round: number;
  readonly arrival: number;
}

/** The queue as Redis sorts it: by round, then by arrival. */
class ModelQueue {
  readonly #processes: readonly Turns[];
  #waiting: WaitingJob[] = [];
  #arrivals = 0;

  constructor(processes: number) {
    this.#processes = Array.from({ length: processes }, () => new Turns());
  }

  get head(): WaitingJob | undefined {
    return this.#waiting[0];
  }

  waitingOf(merchant: string): readonly WaitingJob[] {
    return this.#waiting.filter((job) => job.merchant === merchant);
  }

  /** Adds a job by one of the processes. Returns the number of jobs before it. */
  add(merchant: string, process: number): number {
    const turns = this.#processes[process % this.#processes.length] ?? new Turns();
    turns.observe(this.head?.round, this.#arrivals);
    this.#arrivals += 1;
    const job = { merchant, round: turns.take(merchant), arrival: this.#arrivals };
    this.#waiting = [...this.#waiting, job].toSorted(
      (a, b) => a.round - b.round || a.arrival - b.arrival,
    );
    return this.#waiting.indexOf(job);
  }

  serve(): WaitingJob | undefined {
    return this.#waiting.shift();
  }
}

const MERCHANTS = ['a', 'b', 'c', 'd'];
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ adds: fc.constantFrom(...MERCHANTS), process: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.constant('serve' as const) },
);

describe('a turn', () => {
  it('comes after at most two jobs of each other merchant and process', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step), (processes, steps) => {
        const queue = new ModelQueue(processes);
        for (let n = 0; n < 60; n += 1) queue.add('flood', n);
        for (const one of steps) {
          if (one === 'serve') queue.serve();
          else if (queue.waitingOf(one.adds).length === 0) {
            const before = queue.add(one.adds, one.process);
            expect(before).toBeLessThanOrEqual(2 * MERCHANTS.length * processes);
          }
        }
      }),
    );
  });

  it('follows the merchant’s earlier ones', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const queue = new ModelQueue(1);
        const served = new Map<string, number>();
        for (const one of [...steps, ...steps.map(() => 'serve' as const)]) {
          if (one !== 'serve') queue.add(one.adds, 0);
          else {
            const job = queue.serve();
            if (!job) continue;
            expect(job.arrival).toBeGreaterThan(served.get(job.merchant) ?? 0);
            served.set(job.merchant, job.arrival);
          }
        }
      }),
    );
  });

  it('alternates between two merchants with a backlog', () => {
    const queue = new ModelQueue(1);
    for (let n = 0; n < 100; n += 1) queue.add('a', 0);
    for (let n = 0; n < 10; n += 1) queue.add('b', 0);
    const order = Array.from({ length: 20 }, () => queue.serve()?.merchant).join('');
    expect(order).toBe('ab'.repeat(10));
  });

  it('is not earned by idleness: a merchant that returns has one job in the present round', () => {
    const queue = new ModelQueue(1);
    queue.add('idle', 0);
    for (let n = 0; n < 50; n += 1) queue.add('busy', 0);
    for (let n = 0; n < 30; n += 1) queue.serve();
    for (let n = 0; n < 5; n += 1) queue.add('idle', 0);
    const order = Array.from({ length: 10 }, () => queue.serve()?.merchant);
    expect(order.filter((merchant) => merchant === 'idle')).toHaveLength(5);
  });

  it('is in the present round although delayed jobs return to the head for a moment', () => {
    const turns = new Turns();
    turns.observe(500, 0);
    turns.observe(3, 100);
    expect(turns.take('new')).toBe(500);
  });

  it('is early again once the head has stayed low, and forgets what was assigned before', () => {
    const turns = new Turns();
    turns.observe(500, 0);
    expect([turns.take('a'), turns.take('a')]).toEqual([500, 501]);
    turns.observe(3, 1_000);
    expect([turns.take('a'), turns.take('b')]).toEqual([3, 3]);
  });

  it('starts at the first round in an empty queue', () => {
    const turns = new Turns();
    turns.observe(500, 0);
    turns.take('a');
    turns.observe(undefined, 1);
    expect([turns.take('a'), turns.take('a'), turns.size]).toEqual([1, 2, 1]);
  });

  it('never exceeds the largest priority of BullMQ', () => {
    const turns = new Turns();
    turns.observe(ROUND_MAX, 0);
    expect([turns.take('a'), turns.take('a'), turns.take('b')]).toEqual([
      ROUND_MAX,
      ROUND_MAX,
      ROUND_MAX,
    ]);
  });

  it('costs no memory once its round has passed', () => {
    const turns = new Turns();
    for (let n = 0; n < 1_000; n += 1) turns.take(`mer_${n}`);
    turns.take('flood');
    turns.take('flood');
    turns.observe(2, 0);
    expect(turns.size).toBe(1);
  });
});
