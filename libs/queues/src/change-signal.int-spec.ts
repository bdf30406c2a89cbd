import { eventually } from '../../../test/support/eventually.js';
import { ChangeSignal } from './change-signal.js';
import { log, openTestQueues } from './queues.fixture.js';

describe('ChangeSignal', () => {
  const test = openTestQueues();
  const here = new ChangeSignal(test.connections, test.prefix, log);
  const there = new ChangeSignal(test.connections, test.prefix, log);
  beforeAll(async () => {
    await eventually(() => test.connections.check());
    // The first wait subscribes; after that no announcement is missed.
    await eventually(async () => {
      const woken = there.waitFor('warm-up', 50);
      await here.announce(['warm-up']);
      if (!(await woken)) throw new Error('not subscribed yet');
    });
  });
  afterAll(() => test.close());

  it('wakes every wait for one of the announced payments, and no other', async () => {
    const waits = ['pi_1', 'pi_1', 'pi_2'].map((id) => there.waitFor(id, 5000));
    const other = there.waitFor('pi_3', 100);
    await here.announce(['pi_2', 'pi_1']);
    expect(await Promise.all(waits)).toEqual([true, true, true]);
    expect(await other).toBe(false);
  });

  it('ends a wait after its timeout', async () => {
    expect(await there.waitFor('pi_4', 1)).toBe(false);
  });

  it('ends a wait when its signal aborts, also if it aborted before', async () => {
    const caller = new AbortController();
    const wait = there.waitFor('pi_5', 5000, caller.signal);
    caller.abort();
    expect(await wait).toBe(false);
    expect(await there.waitFor('pi_5', 5000, caller.signal)).toBe(false);
  });

  it('announces nothing when nothing changed', async () => {
    await expect(here.announce([])).resolves.toBeUndefined();
  });
});
