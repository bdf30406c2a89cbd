import { setTimeout as pause } from 'node:timers/promises';
import { OutcomeQueue } from './outcome-queue.js';

const queueOf = (lines: number, bytes = 100) => new OutcomeQueue<string>({ lines, bytes });
const isPending = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => false), pause(20, true)]);

describe('the queue of outcomes', () => {
  it('returns them in order, and together what is known', async () => {
    const queue = queueOf(5);
    let know: (outcome: string) => void = () => undefined;
    queue.add(new Promise((resolve) => (know = resolve)), 1);
    queue.add(Promise.resolve('b'), 1);
    const first = queue.next();
    expect(await isPending(first)).toBe(true);
    queue.add(new Promise(() => undefined), 1);
    know('a');
    expect(await first).toEqual(['a', 'b']);
    expect(await isPending(queue.next())).toBe(true);
  });

  it('ends after the last one', async () => {
    const queue = queueOf(5);
    queue.add(Promise.resolve('a'), 1);
    queue.end();
    expect(await queue.next()).toEqual(['a']);
    expect(await queue.next()).toBeUndefined();
  });

  it('wakes a reader that waits when it ends', async () => {
    const queue = queueOf(5);
    const next = queue.next();
    queue.end();
    expect(await next).toBeUndefined();
  });

  it.each([
    ['lines', queueOf(2)],
    ['bytes', queueOf(9, 20)],
  ])('has no room beyond its limit of %s until outcomes are read', async (_, queue) => {
    await queue.room(10);
    queue.add(Promise.resolve('a'), 10);
    queue.add(Promise.resolve('b'), 10);
    const room = queue.room(10);
    expect(await isPending(room)).toBe(true);
    await queue.next();
    await room;
  });

  it('takes a line of any length when it is empty', () =>
    expect(queueOf(1, 1).room(1_000)).resolves.toBeUndefined());
});
