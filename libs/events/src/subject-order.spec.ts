import fc from 'fast-check';
import { SubjectOrder } from './event-receiver.js';

/** Resolves after `count` turns of the event loop. */
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('SubjectOrder', () => {
  it('never runs two tasks of one subject at once, nor in another order than they came', async () => {
    const task = fc.record({
      subjects: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }),
      length: fc.nat(4),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 12 }), async (tasks) => {
        const order = new SubjectOrder();
        const running = new Set<string>();
        const finished = new Map<string, number[]>();
        const runs = tasks.map(({ subjects, length, fails }, index) =>
          order.run(subjects, async () => {
            for (const subject of subjects) {
              if (running.has(subject)) throw new Error(`two tasks of ${subject} at once`);
              running.add(subject);
            }
            await turns(length);
            for (const subject of subjects) {
              running.delete(subject);
              finished.set(subject, [...(finished.get(subject) ?? []), index]);
            }
            if (fails) throw new Error('failed on purpose');
          }),
        );
        const outcomes = await Promise.allSettled(runs);
        expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(
          tasks.map(({ fails }) => fails),
        );
        for (const indexes of finished.values()) {
          expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it('runs tasks of different subjects side by side', async () => {
    const order = new SubjectOrder();
    let finish = () => {};
    const first = order.run(['a'], () => new Promise<void>((resolve) => (finish = resolve)));
    await order.run(['b'], async () => {});
    finish();
    await expect(first).resolves.toBeUndefined();
  });
});
