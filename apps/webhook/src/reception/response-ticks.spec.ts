// Goal: a response leaves on a tick; a request with work waits only for its own work, and one
// without work as long as recent requests with work. Method: the test drives the clock.
import { setImmediate as turn } from 'node:timers/promises';
import { ResponseTicks } from './response-ticks.js';

/** A clock that ticks only on demand, for all waiting calls at once. */
class ManualClock {
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

let clock: ManualClock;
let ticks: ResponseTicks;

beforeEach(() => {
  clock = new ManualClock();
  ticks = new ResponseTicks(100, clock.pauseFor);
});

/** Returns a response and, in `left`, true once it has left. */
function held<T>(admit: () => T | Promise<T>) {
  const response = { left: false, promise: ticks.hold(admit) };
  const leave = () => void (response.left = true);
  response.promise.then(leave, leave);
  return response;
}

/** Returns work that ends when the test calls `end`. */
function someWork() {
  let end = () => {};
  const work = new Promise<void>((resolve) => (end = resolve));
  return { work, end };
}

/** Runs a callback whose work ends shortly before tick `takes`, until after that tick. */
async function worked(takes: number): Promise<{ left: boolean }> {
  const { work, end } = someWork();
  const response = held(() => work);
  await clock.tick(takes - 1);
  end();
  await turn();
  await clock.tick();
  return response;
}

it('leaves on the first tick, with work that ended before it and without work', async () => {
  const responses = [held(() => Promise.resolve('done')), held(() => 'nothing to do')];
  await turn();
  expect(responses.map(({ left }) => left)).toEqual([false, false]);
  await clock.tick();
  expect(responses.map(({ left }) => left)).toEqual([true, true]);
  expect(await responses[0]?.promise).toBe('done');
  expect(await responses[1]?.promise).toBe('nothing to do');
});

it.each([1, 2, 7])('waits for work that ends before tick %i, and no longer', async (takes) => {
  const { work, end } = someWork();
  const response = held(() => work);
  await clock.tick(takes - 1);
  end();
  await turn();
  expect(response.left).toBe(false);
  await clock.tick();
  expect(response.left).toBe(true);
});

it('rejects with the error of the work, also on a tick', async () => {
  const response = held(() => Promise.reject(new Error('no luck')));
  await turn();
  expect(response.left).toBe(false);
  await clock.tick();
  await expect(response.promise).rejects.toThrow('no luck');
});

it('delays a request without work as long as recent work took', async () => {
  await worked(3);
  const response = held(() => 'nothing to do');
  await clock.tick(2);
  expect(response.left).toBe(false);
  await clock.tick();
  expect(response.left).toBe(true);
});

it('does not delay a request with work by the slow work of others', async () => {
  expect(await worked(9)).toMatchObject({ left: true });
  expect(await worked(1)).toMatchObject({ left: true });
});

it('forgets slow work once enough other work was fast', async () => {
  await worked(9);
  for (let count = 0; count < 16; count += 1) await worked(1);
  for (let count = 0; count < 50; count += 1) {
    const response = held(() => 'nothing to do');
    await clock.tick();
    expect(response.left).toBe(true);
  }
});

it('delays nothing with ticks of zero length', async () => {
  ticks = new ResponseTicks(0, clock.pauseFor);
  expect(await ticks.hold(() => 'at once')).toBe('at once');
});
