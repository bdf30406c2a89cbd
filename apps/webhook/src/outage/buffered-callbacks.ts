// Buffers callbacks in Redis while Postgres is unavailable, because the gateway sends each callback
// once. They are encrypted, because a body can contain the merchant's private key, and stored once
// Postgres is back. A callback that can never be stored is set aside, where it neither blocks the
// others nor gets lost.
import { Injectable } from '@nestjs/common';
import { isDatabaseUnavailable, isRefusedForGood, isStatementError } from '@quittance/persistence';
import { crashPoint, idPattern, Logger, Unavailable } from '@quittance/platform';
import { bufferedCallbackKeys, RedisConnections, RedisSettings } from '@quittance/queues';
import { KeySet, openCallback, sealCallback } from '@quittance/vault';
import { z } from 'zod';
import { OutageSettings } from '../config.js';
import type { ReceivedBody } from '../received-body.js';

/**
 * An entry of the list. An entry that is not encrypted was written by another program and may
 * contain a card.
 */
const bufferEntry = z.strictObject({
  paymentId: z.string().regex(idPattern('pi')),
  /** A JWE in its compact form (RFC 7516 §7.1). */
  sealed: z.string().regex(/^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/),
});
type BufferEntry = z.infer<typeof bufferEntry>;

/** The state of a buffered callback, a label of the metric. */
export type BufferState = 'waiting' | 'set_aside';

@Injectable()
export class BufferedCallbacks {
  readonly #key: string;
  readonly #asideKey: string;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: KeySet,
    { prefix }: RedisSettings,
    private readonly settings: OutageSettings,
    private readonly log: Logger,
  ) {
    const { waiting, aside } = bufferedCallbackKeys(redis.producer, prefix);
    this.#key = waiting;
    this.#asideKey = aside;
  }

  /** Buffers a callback. Rejects when Redis is unavailable too, or when the buffer is full. */
  async add(received: ReceivedBody): Promise<void> {
    const { paymentId } = received;
    const sealed = await sealCallback(JSON.stringify(received), { paymentId, keys: this.keys });
    const entry: BufferEntry = { paymentId, sealed };
    const text = JSON.stringify(entry);
    crashPoint('kept-callback.before-keep');
    const length = await this.redis.producer.rpush(this.#key, text);
    crashPoint('kept-callback.after-keep');
    if (length <= this.settings.bufferedMax) return;
    // Removes this entry and not the last one: another process may have added one behind it.
    await this.redis.producer.lrem(this.#key, -1, text);
    throw new Error('the buffer for callbacks is full');
  }

  /**
   * Passes the oldest buffered callbacks to `take`, up to `limit`, and removes each one that was
   * taken. If the process dies in between, the callback stays in the list; taking it twice changes
   * nothing. A callback that cannot be decrypted or can never be stored is set aside, so that it
   * does not hold up the others; an entry of another program is removed. Rejects, with the callback
   * still buffered, when a later pass may succeed.
   */
  async drain(
    limit: number,
    take: (received: ReceivedBody) => Promise<unknown>,
  ): Promise<{ readonly read: number; readonly setAside: number }> {
    const { producer } = this.redis;
    const texts = await producer.lrange(this.#key, 0, limit - 1);
    let setAside = 0;
    for (const text of texts) {
      const entry = entryOf(text);
      if (!entry) this.log.error('an entry that is not a buffered callback was removed');
      else if (!(await this.#hand(entry, take))) {
        await producer.rpush(this.#asideKey, text);
        setAside += 1;
      }
      crashPoint('kept-callback.before-removal');
      await producer.lrem(this.#key, 1, text);
    }
    return { read: texts.length, setAside };
  }

  /** Returns set-aside callbacks to the buffer: a new process may have the missing key or code. */
  async restoreSetAside(): Promise<void> {
    const { producer } = this.redis;
    const count = await producer.llen(this.#asideKey);
    for (let moved = 0; moved < count; moved += 1)
      await producer.lmove(this.#asideKey, this.#key, 'LEFT', 'RIGHT');
  }

  /** Resolves with false when the callback must be set aside. */
  async #hand(
    entry: BufferEntry,
    take: (received: ReceivedBody) => Promise<unknown>,
  ): Promise<boolean> {
    const received = await this.#open(entry);
    if (!received) return false;
    try {
      await take(received);
      return true;
    } catch (error) {
      if (isTemporary(error)) throw error;
      const { paymentId } = received;
      this.log.error(
        { err: error, paymentId },
        'a buffered callback cannot be stored; it was set aside',
      );
      return false;
    }
  }

  /**
   * Resolves with `undefined` for a value that was encrypted by another program or with a key that
   * this process does not have.
   */
  async #open({ paymentId, sealed }: BufferEntry): Promise<ReceivedBody | undefined> {
    try {
      const opened = await openCallback(sealed, { paymentId, keys: this.keys });
      const received = JSON.parse(opened.toString()) as ReceivedBody;
      return { ...received, receivedAt: new Date(received.receivedAt) };
    } catch (error) {
      this.log.error({ err: error }, 'a buffered callback cannot be decrypted; it was set aside');
      return undefined;
    }
  }

  /** Resolves with the number of callbacks in this state. */
  count(state: BufferState): Promise<number> {
    return this.redis.producer.llen(state === 'waiting' ? this.#key : this.#asideKey);
  }
}

function entryOf(text: string): BufferEntry | undefined {
  try {
    return bufferEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * True when a later pass may succeed: Postgres is unavailable, failing or not migrated yet. Any
 * other error is caused by the callback itself.
 */
function isTemporary(error: unknown): boolean {
  if (error instanceof Unavailable || isDatabaseUnavailable(error)) return true;
  return isStatementError(error) && !isRefusedForGood(error);
}
