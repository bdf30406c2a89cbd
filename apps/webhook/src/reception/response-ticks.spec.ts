// Goal: an answer leaves on a tick, who has work waits for that work alone, and who has none waits
// as those who had. Method: the test is the clock.
import { setImmediate as turn } from 'node:timers/promises';
import { ResponseTicks } from './response-ticks.js';

/** A clock that stands until it is told to tick; all who wait hear the same tick. */
class Ticks {
  #waiting: (() => void)[] = [];

  readonly pauseFor = (): Promise<void> =>
    new Promise((resolve) => void this.#waiting.push(resolve));

  async tick(times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      for (const wake of this.#waiting.splice(0)) wake();
      await turn();
    }
  }
}

let ticks: Ticks;
let moments: ResponseTicks;

beforeEach(() => {
  ticks = new Ticks();
  moments = new ResponseTicks(100, ticks.pauseFor);
});

/** An answer, and whether it has left. */
function held<T>(admit: () => T | Promise<T>) {
  const answer = { left: false, promise: moments.hold(admit) };
  const leave = () => void (answer.left = true);
  answer.promise.then(leave, leave);
  return answer;
}

/** Work that ends when the test says so. */
function someWork() {
  let end = () => {};
  const work = new Promise<void>((resolve) => (end = resolve));
  return { work, end };
}

/** A callback whose work ends before that tick, when that tick is over. */
async function worked(takes: number): Promise<{ left: boolean }> {
  const { work, end } = someWork();
  const answer = held(() => work);
  await ticks.tick(takes - 1);
  end();
  await turn();
  await ticks.tick();
  return answer;
}

it('leaves on the first tick, with work that was done long before it and without work', async () => {
  const answers = [held(() => Promise.resolve('done')), held(() => 'nothing to do')];
  await turn();
  expect(answers.map(({ left }) => left)).toEqual([false, false]);
  await ticks.tick();
  expect(answers.map(({ left }) => left)).toEqual([true, true]);
  expect(await answers[0]?.promise).toBe('done');
  expect(await answers[1]?.promise).toBe('nothing to do');
});

it.each([1, 2, 7])('waits for work that ends before tick %i, and not longer', async (takes) => {
  const { work, end } = someWork();
  const answer = held(() => work);
  await ticks.tick(takes - 1);
  end();
  await turn();
  expect(answer.left).toBe(false);
  await ticks.tick();
  expect(answer.left).toBe(true);
});

it('rejects with the error of the work, on a tick too', async () => {
  const answer = held(() => Promise.reject(new Error('no luck')));
  await turn();
  expect(answer.left).toBe(false);
  await ticks.tick();
  await expect(answer.promise).rejects.toThrow('no luck');
});

it('lets who has nothing to do wait as long as work took lately', async () => {
  await worked(3);
  const answer = held(() => 'nothing to do');
  await ticks.tick(2);
  expect(answer.left).toBe(false);
  await ticks.tick();
  expect(answer.left).toBe(true);
});

it('lets nobody with work wait for the slowness of others', async () => {
  expect(await worked(9)).toMatchObject({ left: true });
  expect(await worked(1)).toMatchObject({ left: true });
});

it('forgets what took long once enough others were fast', async () => {
  await worked(9);
  for (let count = 0; count < 16; count += 1) await worked(1);
  for (let count = 0; count < 50; count += 1) {
    const answer = held(() => 'nothing to do');
    await ticks.tick();
    expect(answer.left).toBe(true);
  }
});

it('holds nothing back with ticks of no length', async () => {
  moments = new ResponseTicks(0, ticks.pauseFor);
  expect(await moments.hold(() => 'at once')).toBe('at once');
});
