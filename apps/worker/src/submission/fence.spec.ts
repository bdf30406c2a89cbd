import { SendWindow } from './fence.js';

function windowAfter(elapsedMs: number, timeoutMs = 30_000): SendWindow {
  let now = 1_000;
  const window = new SendWindow('payment', timeoutMs, [() => now]);
  now += elapsedMs;
  return window;
}

describe('the send window', () => {
  it.each([
    [0, true],
    [4_999, true],
    [5_000, false],
    [86_400_000, false],
  ])('%s ms after the fence: mayStart is %s', (elapsedMs, mayStart) => {
    expect(windowAfter(elapsedMs).mayStart()).toBe(mayStart);
  });

  it('uses the clock on which more time has passed', () => {
    let [monotonic, wall] = [0, 0];
    const suspended = new SendWindow('payment', 30_000, [() => monotonic, () => wall]);
    wall += 3_600_000;
    expect([suspended.isFresh(), suspended.mayStart()]).toEqual([false, false]);
    const setBack = new SendWindow('payment', 30_000, [() => monotonic, () => wall]);
    wall -= 3_600_000;
    monotonic += 5_000;
    expect(setBack.mayStart()).toBe(false);
  });

  it('closes at the reply deadline if that is sooner', () => {
    expect(windowAfter(1_499, 1_500).mayStart()).toBe(true);
    expect(windowAfter(1_500, 1_500).mayStart()).toBe(false);
  });

  it.each([
    [0, true],
    [249, true],
    [250, false],
  ])('%s ms after the fence: isFresh is %s', (elapsedMs, isFresh) => {
    expect(windowAfter(elapsedMs).isFresh()).toBe(isFresh);
  });
});
