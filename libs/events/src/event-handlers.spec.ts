import type { MessageHandler } from '@nestjs/microservices';
import { of, throwError } from 'rxjs';
import { EventDelivery } from './event-inbox.js';
import { EventHandlers } from './event-receiver.js';
import { aMove, aRefundMove } from './moves.fixture.js';
import { eventOf } from './event-publisher.js';

const noDatabase = { query: () => Promise.reject(new Error('no database here')) };
const delivery = new EventDelivery(noDatabase, 1);
const event = (status: string) => eventOf(aMove({ status }));

describe('EventHandlers', () => {
  it.each([
    ['payment.succeeded.v1', 'succeeded', true],
    ['payment.succeeded.v1', 'declined', false],
    ['payment.*', 'succeeded', true],
    ['payment.*.v1', 'requires_action', true],
    ['payment.*.v2', 'succeeded', false],
    ['payment.succeeded.v', 'succeeded', false],
    ['payment.succeeded', 'succeeded', false],
    ['*', 'charged_back', true],
    ['paymentXsucceeded.v1', 'succeeded', false],
    ['payment.(succeeded).v1', 'succeeded', false],
    ['refund.*', 'succeeded', false],
  ])('pattern %s takes an event about %s: %s', async (pattern, status, isTaken) => {
    let calls = 0;
    const handler: MessageHandler = async () => void (calls += 1);
    await new EventHandlers(new Map([[pattern, handler]])).handle(event(status), delivery);
    expect(calls).toBe(isTaken ? 1 : 0);
  });

  it.each([
    ['refund.*', true],
    ['refund.in_doubt.v1', true],
    ['*.in_doubt.v1', true],
    ['payment.*', false],
  ])('pattern %s takes an event about a refund in doubt: %s', async (pattern, isTaken) => {
    let calls = 0;
    const handler: MessageHandler = async () => void (calls += 1);
    const handlers = new EventHandlers(new Map([[pattern, handler]]));
    await handlers.handle(eventOf(aRefundMove({ status: 'in_doubt' })), delivery);
    expect(calls).toBe(isTaken ? 1 : 0);
  });

  it.each<[string, MessageHandler]>([
    ['rejects', () => Promise.reject(new Error('boom'))],
    ['returns a stream that fails', async () => throwError(() => new Error('boom'))],
  ])('rejects with the failure of a handler that %s', async (_case, handler) => {
    const handlers = new EventHandlers(new Map([['payment.*', handler]]));
    await expect(handlers.handle(event('failed'), delivery)).rejects.toThrow('boom');
  });

  it('waits for a stream, even an empty one', async () => {
    const handler: MessageHandler = async () => of();
    const handlers = new EventHandlers(new Map([['*', handler]]));
    await expect(handlers.handle(event('failed'), delivery)).resolves.toBeUndefined();
  });
});

describe('EventDelivery', () => {
  it('calls each write once, with all items in order, whatever events they came from', async () => {
    const calls: [string, readonly number[]][] = [];
    const writeA = async (_transaction: unknown, items: readonly number[]) =>
      calls.push(['a', items]);
    const writeB = async (_transaction: unknown, items: readonly number[]) =>
      calls.push(['b', items]);
    const batch = new EventDelivery(noDatabase, 1);
    batch.beforeCommit(writeA, 1);
    batch.beforeCommit(writeB, 2);
    batch.beforeCommit(writeA, 3);
    await batch.write();
    expect(calls).toEqual([
      ['a', [1, 3]],
      ['b', [2]],
    ]);
  });

  it('rejects statements and aborts its signal once it is over', async () => {
    const over = new EventDelivery(
      { query: async () => ({ rows: [], rowCount: 0, command: 'SELECT' }) },
      1,
    );
    await over.transaction.query('SELECT 1');
    expect(over.signal.aborted).toBe(false);
    over.end();
    expect(over.signal.aborted).toBe(true);
    await expect(over.transaction.query('SELECT 1')).rejects.toThrow('over');
  });
});
