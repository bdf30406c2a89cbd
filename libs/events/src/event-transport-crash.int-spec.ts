// Failures between an effect and its commit, between a commit and the end of its job, and outages
// of any length.
import pg from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { eventId } from './contract.js';
import { aMove } from './moves.fixture.js';
import { eventOf } from './event-publisher.js';
import {
  type EventsRig,
  handlerOf,
  leaveEffect,
  metricOf,
  startEventsRig,
} from './events-rig.fixture.js';

describe('the event transport after a failure', () => {
  let rig: EventsRig;
  beforeAll(async () => {
    rig = await startEventsRig();
  });
  afterAll(() => rig.stop());

  it('handles an event again, once, if the connection is lost between its effect and the commit', async () => {
    const attempts: number[] = [];
    await rig.subscribe(
      handlerOf(async (event, delivery) => {
        attempts.push(delivery.attempt);
        await leaveEffect(event, delivery);
        if (attempts.length > 2) return;
        const { rows } = await delivery.transaction.query('SELECT pg_backend_pid() AS pid');
        const [{ pid }] = rows as [{ pid: number }];
        await rig.database.query('SELECT pg_terminate_backend($1)', [pid]);
      }),
    );
    const [first, second] = [aMove(), aMove()];
    await rig.publish(first, second);
    await eventually(async () => expect(await rig.effects()).toHaveLength(2));
    const ids = [first, second].map((move) => eventId(move.paymentId, move.sequence));
    expect((await rig.effects()).toSorted()).toEqual(ids.toSorted());
    expect(attempts.length).toBeGreaterThan(2);
  });

  it('drops the whole batch if it arrives again after its commit', async () => {
    const { app, metrics } = await rig.subscribe(handlerOf(leaveEffect));
    const moves = [aMove(), aMove(), aMove()];
    await rig.publish(...moves);
    await eventually(async () => expect(await rig.effects()).toHaveLength(3));
    await rig.publish(...moves);
    await eventually(async () => expect(await metricOf(metrics, 'consumer_repeats_total')).toBe(3));
    await app.close();
    expect(await rig.effects()).toHaveLength(3);
  });

  it('lets events wait, without counting attempts, while the database is unavailable', async () => {
    const away = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 });
    await rig.subscribe(handlerOf(leaveEffect), { database: away });
    await rig.publish(aMove());
    await eventually(async () => {
      const [job] = await rig.queue().getDelayed();
      expect(job).toMatchObject({ attemptsMade: 0, data: { events: [{ specversion: '1.0' }] } });
    });
    await away.end();
  });

  it('finishes the batch in progress when it stops', async () => {
    let [started, finish] = [() => {}, () => {}];
    const hasStarted = new Promise<void>((resolve) => (started = resolve));
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    const { app } = await rig.subscribe(
      handlerOf(async (event, delivery) => {
        started();
        await mayFinish;
        await leaveEffect(event, delivery);
      }),
    );
    await rig.publish(aMove());
    await hasStarted;
    const closing = app.close();
    finish();
    await closing;
    expect(await rig.effects()).toHaveLength(1);
    expect(await rig.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
  });

  it('abandons a batch that does not end in time, for another process', async () => {
    let finish = () => {};
    const mayFinish = new Promise<void>((resolve) => (finish = resolve));
    let hasStarted = false;
    const { app } = await rig.subscribe(
      handlerOf(() => {
        hasStarted = true;
        return mayFinish;
      }),
      { stopLimitMs: 20 },
    );
    await rig.publish(aMove());
    await eventually(() => expect(hasStarted).toBe(true));
    await app.close();
    expect(await rig.counts()).toMatchObject({ active: 1 });
    finish();
  });

  it('fails an entry that is not an event at once, and handles the rest of the batch', async () => {
    await rig.subscribe(handlerOf(leaveEffect));
    const [number, name] = ['4012000033330026', 'payment.events.v1'];
    const unreadable = { id: number, data: { sequence: 0, number } };
    const move = aMove();
    await rig.queue().add(name, { events: [unreadable, eventOf(move)] }, { attempts: 9 });
    await rig.queue().add(name, { events: [], card: { number } }, { attempts: 9 });
    await rig.queue().add('x', number, { attempts: 9 });
    await eventually(async () =>
      expect(await rig.counts()).toMatchObject({ failed: 3, delayed: 0, active: 0 }),
    );
    expect(await rig.effects()).toHaveLength(1);
    const failed = await rig.queue().getFailed();
    expect(failed.map((job) => job.failedReason)).toEqual(
      expect.arrayContaining([
        'its name is not that of an event batch',
        'payment.events.v1 cannot be read: unexpected card',
        expect.stringContaining('1 entries are not events: id, type, subject, time, data.sequence'),
      ]),
    );
    expect(JSON.stringify(failed)).not.toContain(number);
    // Replayed, they contain nothing, and fail again.
    expect(await rig.replay()).toBe(3);
    await eventually(async () =>
      expect(await rig.counts()).toMatchObject({ failed: 3, active: 0 }),
    );
  });

  it('reports if Redis answers', async () => {
    const { transport } = await rig.subscribe(handlerOf(leaveEffect));
    await eventually(() => transport.check());
    await transport.close();
    await expect(transport.check()).rejects.toThrow();
  });
});
