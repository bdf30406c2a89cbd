// Delivery end to end: a real publisher, Redis, Postgres and Nest's own registration of handlers.
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { eventually } from '../../../test/support/eventually.js';
import { type PublishedEvent, eventId } from './contract.js';
import type { EventDelivery } from './event-inbox.js';
import { aMove } from './moves.fixture.js';
import {
  type EventsRig,
  handlerOf,
  leaveEffect,
  metricOf,
  startEventsRig,
} from './events-rig.fixture.js';

const idOf = (move: { paymentId: string; sequence: number }) =>
  eventId(move.paymentId, move.sequence);
const nothing = { waiting: 0, active: 0, delayed: 0, failed: 0 };

describe('the event transport', () => {
  let rig: EventsRig;
  beforeAll(async () => {
    rig = await startEventsRig();
  });
  afterAll(() => rig.stop());

  const allEffects = (...moves: { paymentId: string; sequence: number }[]) =>
    eventually(async () =>
      expect((await rig.effects()).toSorted()).toEqual(moves.map(idOf).toSorted()),
    );

  it('passes an event to the handler of its type and to those of a wider pattern', async () => {
    const received: string[] = [];
    @Controller()
    class Handlers {
      @EventPattern(['payment.succeeded.v1'])
      onSuccess(@Payload() event: PublishedEvent, @Ctx() delivery: EventDelivery): void {
        received.push(`exact ${event.data.payment_intent.reference} attempt ${delivery.attempt}`);
      }

      @EventPattern(['payment.*'])
      onAny(@Payload() event: PublishedEvent): void {
        received.push(`any ${event.type}`);
      }
    }
    await rig.subscribe(Handlers);
    const move = aMove({ paymentId: `pi_${'7'.repeat(26)}` });
    await rig.publish(move, aMove({ status: 'declined' }));
    await eventually(() => expect(received).toHaveLength(3));
    expect(received).toEqual([
      'exact ORD-777777 attempt 1',
      'any payment.succeeded.v1',
      'any payment.declined.v1',
    ]);
  });

  it('drops repeats, also within one batch', async () => {
    const { metrics } = await rig.subscribe(handlerOf(leaveEffect));
    const move = aMove();
    await rig.publish(move, move);
    await allEffects(move);
    await rig.publish(move);
    await eventually(async () => expect(await metricOf(metrics, 'consumer_repeats_total')).toBe(2));
    await allEffects(move);
    expect(await metricOf(metrics, 'consumer_handled_total')).toBe(1);
  });

  it('handles events in any order, each once', async () => {
    await rig.subscribe(handlerOf(leaveEffect));
    const { paymentId } = aMove();
    const moves = [3, 1, 4, 2].map((sequence) => aMove({ paymentId, sequence }));
    for (const move of moves) await rig.publish(move);
    await allEffects(...moves);
  });

  it('preserves the order of one payment, batch after batch', async () => {
    const order: number[] = [];
    await rig.subscribe(
      handlerOf(async (event, delivery) => {
        await delivery.transaction.query('SELECT pg_sleep($1)', [0.02 / event.data.sequence]);
        order.push(event.data.sequence);
      }),
    );
    const { paymentId } = aMove();
    const moves = [1, 2, 3, 4, 5, 6].map((sequence) => aMove({ paymentId, sequence }));
    await Promise.all(moves.map((move) => rig.publish(move)));
    await eventually(() => expect(order).toEqual([1, 2, 3, 4, 5, 6]));
  });

  it('moves an event that always fails to the failed set, alone, and handles it after a replay', async () => {
    let isMended = false;
    const poison = aMove();
    const { metrics } = await rig.subscribe(
      handlerOf(async (event, delivery) => {
        if (event.id === idOf(poison) && !isMended)
          throw new Error('no such order 4012000033330026');
        await leaveEffect(event, delivery);
      }),
    );
    const [before, after] = [aMove(), aMove()];
    await rig.publish(before, poison, after);
    await allEffects(before, after);
    await eventually(async () => expect(await rig.counts()).toEqual({ ...nothing, failed: 1 }));
    expect(await metricOf(metrics, 'consumer_failures_total')).toBe(3);
    const [failed] = await rig.queue().getFailed();
    expect(failed?.data).toMatchObject({ events: [{ id: idOf(poison) }] });
    expect(failed?.failedReason).toContain(`${idOf(poison)} payment.succeeded.v1: Error: no such`);
    expect(failed?.failedReason).not.toContain('4012000033330026');

    isMended = true;
    expect(await rig.replay()).toBe(1);
    await allEffects(before, poison, after);
    await eventually(async () => expect(await rig.counts()).toEqual(nothing));
  });

  it('lists the oldest failures first, and replays all of them', async () => {
    let isMended = false;
    const order: string[] = [];
    await rig.subscribe(
      handlerOf((event) => {
        if (!isMended) return Promise.reject(new Error('broken'));
        order.push(event.id);
        return Promise.resolve();
      }),
    );
    const moves = [aMove(), aMove(), aMove()];
    for (const [index, move] of moves.entries()) {
      await rig.publish(move);
      await eventually(async () => expect((await rig.counts())['failed']).toBe(index + 1));
    }
    const { total, oldest } = await rig.failed(2);
    expect(total).toBe(3);
    expect(oldest.map(({ events }) => events[0]?.id)).toEqual(moves.slice(0, 2).map(idOf));
    isMended = true;
    await rig.replay();
    await eventually(() => expect(order.toSorted()).toEqual(moves.map(idOf).toSorted()));
  });

  it('gives a replayed event all its attempts again', async () => {
    const tries: number[] = [];
    await rig.subscribe(
      handlerOf((_event, delivery) => {
        tries.push(delivery.attempt);
        return Promise.reject(new Error('still broken'));
      }),
    );
    await rig.publish(aMove());
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
    await rig.replay();
    await eventually(() => expect(tries).toEqual([1, 2, 3, 1, 2, 3]));
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
  });

  it('isolates an event that cannot be committed', async () => {
    await rig.subscribe(
      handlerOf(async (event, delivery) => {
        // The statement fails and leaves the transaction unusable, although the handler does not
        // notice.
        const isBad = event.type === 'payment.disputed.v1';
        const text = isBad ? 'SELECT 1 / 0' : 'SELECT 1';
        await delivery.transaction.query(text).catch(() => undefined);
        if (!isBad) await leaveEffect(event, delivery);
      }),
    );
    const [good, bad] = [aMove(), aMove({ status: 'disputed' })];
    await rig.publish(bad, good);
    await allEffects(good);
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
  });

  it('ends a handler that hangs at its time limit, and handles the others', async () => {
    const hanging = aMove();
    const handled: string[] = [];
    const signals: AbortSignal[] = [];
    await rig.subscribe(
      // The others' handler ends at once, so that the limit ends none of them on a busy machine.
      handlerOf(async (event, delivery) => {
        if (event.id !== idOf(hanging)) return void handled.push(event.id);
        signals.push(delivery.signal);
        return new Promise<void>(() => {});
      }),
      { handlerTimeoutMs: 60 },
    );
    const other = aMove();
    await rig.publish(hanging, other);
    await eventually(() => expect(handled).toEqual([idOf(other)]));
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
    const [failed] = await rig.queue().getFailed();
    expect(failed?.failedReason).toContain('DeadlineExceeded: not settled after 60 ms');
    expect(signals.length).toBeGreaterThanOrEqual(3);
    expect(signals.every((signal) => signal.aborted)).toBe(true);
  });

  it('stops a statement that hangs', async () => {
    await rig.subscribe(
      handlerOf(async (_event, { transaction }) => {
        await transaction.query('SELECT pg_sleep(600)');
      }),
      { handlerTimeoutMs: 60 },
    );
    await rig.publish(aMove());
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
    const running = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(600%'`;
    await eventually(async () => expect((await rig.database.query(running)).rows).toEqual([]));
  });

  it('rejects statements of a handler whose time is over', async () => {
    const late: unknown[] = [];
    let goOn = () => {};
    const wait = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await rig.subscribe(
      handlerOf(async (event, delivery) => {
        await wait;
        await leaveEffect(event, delivery).catch((error: unknown) => late.push(error));
      }),
      { handlerTimeoutMs: 60 },
    );
    await rig.publish(aMove());
    await eventually(async () => expect((await rig.counts())['failed']).toBe(1));
    goOn();
    await eventually(() => expect(late).toHaveLength(3));
    expect(String(late[0])).toContain('the delivery is over');
    expect(await rig.effects()).toEqual([]);
  });

  it('watches its own consumption below the prefix of its queue, and leaves nothing behind', async () => {
    const { transport, app, metrics } = await rig.subscribe(handlerOf(leaveEffect));
    await eventually(() => transport.consumption.check());
    await eventually(async () =>
      expect(await metrics.registry.metrics()).toContain('quittance_canary_age_seconds 0.'),
    );
    const keys = () => rig.keys('canary');
    const prefix = rig.queue().toKey('canary:canary_');
    expect(await keys()).not.toEqual([]);
    expect((await keys()).filter((key) => !key.startsWith(prefix))).toEqual([]);
    await app.close();
    expect(await keys()).toEqual([]);
  });

  it('is unready and stuck when it fetches nothing more', async () => {
    const consumption = { unreadyAfterMs: 12_000, exitAfterMs: 15_000 };
    const { transport } = await rig.subscribe(handlerOf(leaveEffect), { consumption });
    const stuck: string[] = [];
    transport.consumption.onStuck = (reason) => void stuck.push(reason);
    transport.unwrap().getBackend().moveToActive = () => new Promise(() => undefined);
    const reason = `nothing was fetched from ${rig.queue().name}`;
    await eventually(() => expect(stuck).toEqual([reason]), { limitMs: 60_000 });
    await expect(transport.consumption.check()).rejects.toThrow(reason);
  });
});
