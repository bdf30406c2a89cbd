// Callbacks come once. While Postgres is away they are kept in Redis, sealed because a body can hold the merchant's private
// key, and taken up again when it is back.
import type { Logger } from '@quittance/platform';
import type { RedisConnections } from '@quittance/queues';
import { type KeySet, openCallback, sealCallback } from '@quittance/vault';
import type { ReceivedBody } from '../reception/received-body.js';

interface KeptEntry {
  readonly paymentId: string;
  readonly sealed: string;
}

export class KeptCallbacks {
  readonly #key: string;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: KeySet,
    private readonly options: { readonly prefix: string; readonly keptMax: number },
    private readonly log: Logger,
  ) {
    this.#key = `${options.prefix}-callbacks-kept`;
  }

  /** Keeps a callback. Rejects when Redis is away too, or as many as may be are kept already. */
  async keep(received: ReceivedBody): Promise<void> {
    const { paymentId } = received;
    const sealed = await sealCallback(JSON.stringify(received), { paymentId, keys: this.keys });
    const entry: KeptEntry = { paymentId, sealed };
    const text = JSON.stringify(entry);
    const length = await this.redis.producer.rpush(this.#key, text);
    if (length <= this.options.keptMax) return;
    // This very one, not the last: another may have been kept behind it.
    await this.redis.producer.lrem(this.#key, -1, text);
    throw new Error('too many callbacks are kept already');
  }

  /**
   * Hands the oldest kept callbacks to `take`, up to `limit`, and lets each go once it was taken. A process that dies in
   * between leaves the callback in the list; taking it twice changes nothing. What cannot be opened is set aside, so that
   * it does not hold up the others. Resolves with how many were looked at.
   */
  async drain(limit: number, take: (received: ReceivedBody) => Promise<unknown>): Promise<number> {
    const { producer } = this.redis;
    const texts = await producer.lrange(this.#key, 0, limit - 1);
    for (const text of texts) {
      const received = await this.#open(text);
      if (received) await take(received);
      else await producer.rpush(`${this.#key}-unreadable`, text);
      await producer.lrem(this.#key, 1, text);
    }
    return texts.length;
  }

  /** `undefined` for what was sealed with a key this process does not have, or by nobody of ours. */
  async #open(text: string): Promise<ReceivedBody | undefined> {
    try {
      const { paymentId, sealed } = JSON.parse(text) as KeptEntry;
      const opened = await openCallback(sealed, { paymentId, keys: this.keys });
      const received = JSON.parse(opened.toString()) as ReceivedBody;
      return { ...received, receivedAt: new Date(received.receivedAt) };
    } catch (error) {
      this.log.error({ err: error }, 'a kept callback cannot be opened; it was set aside');
      return undefined;
    }
  }

  /** How many are kept. */
  count(): Promise<number> {
    return this.redis.producer.llen(this.#key);
  }
}
