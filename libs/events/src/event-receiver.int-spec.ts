// Jobs that share a transaction, and the effect of a failing job on the others.
import { eventually } from '../../../test/support/eventually.js';
import { eventId } from './contract.js';
import {
  type EventsRig,
  handlerOf,
  leaveEffect,
  metricOf,
  startEventsRig,
} from './events-rig.fixture.js';
import { aMove } from './moves.fixture.js';

describe('jobs that arrive during a transaction', () => {
  let rig: EventsRig;
  beforeAll(async () => {
    rig = await startEventsRig();
  });
  afterAll(() => rig.stop());

  const idOf = (move: { paymentId: string; sequence: number }) =>
    eventId(move.paymentId, move.sequence);

  it('share the next one', async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    let calls = 0;
    const { metrics } = await rig.subscribe(
      handlerOf(async (event, delivery) => {
        calls += 1;
        if (calls === 1) await opened;
        await leaveEffect(event, delivery);
      }),
      { transactions: 1 },
    );
    const moves = Array.from({ length: 9 }, () => aMove());
    await rig.publish(...moves.slice(0, 1));
    await eventually(() => expect(calls).toBe(1));
    for (const move of moves.slice(1)) await rig.publish(move);
    await eventually(async () =>
      expect(await rig.counts()).toMatchObject({ waiting: 0, active: 9 }),
    );
    open();
    await eventually(async () => expect(await rig.effects()).toHaveLength(9));
    // A transaction is counted once it has committed, which is after its effects can be read.
    await eventually(async () => {
      const handling = await metrics.registry
        .getSingleMetric('quittance_consumer_handling_seconds')
        ?.get();
      const count = handling?.values.find(
        (value) => 'metricName' in value && String(value.metricName).endsWith('_count'),
      );
      expect(count?.value).toBe(2);
    });
  });

  it('fail alone: each job retains only its own failed events', async () => {
    const poison = [aMove(), aMove()];
    const bad = new Set(poison.map(idOf));
    const { metrics } = await rig.subscribe(
      handlerOf(async (event, delivery) => {
        if (bad.has(event.id)) throw new Error('poison');
        await leaveEffect(event, delivery);
      }),
    );
    const good = Array.from({ length: 20 }, () => aMove());
    const [first, second] = poison;
    await Promise.all([
      rig.publish(...good.slice(0, 7), ...poison.slice(0, 1)),
      rig.publish(...good.slice(7, 14)),
      rig.publish(...poison.slice(1), ...good.slice(14)),
    ]);
    await eventually(async () => expect(await rig.effects()).toHaveLength(20));
    await eventually(async () => expect((await rig.counts())['failed']).toBe(2));
    const remaining = (await rig.queue().getFailed()).map((job) => job.data as unknown);
    for (const move of [first, second]) {
      expect(remaining).toContainEqual({
        events: [expect.objectContaining({ subject: move?.paymentId })],
      });
    }
    expect(await metricOf(metrics, 'consumer_failures_total')).toBe(6);
  });
});
