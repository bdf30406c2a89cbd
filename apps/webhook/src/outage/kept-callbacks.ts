// Callbacks come once. While Postgres is away they are kept in Redis, sealed because a body can hold the merchant's private
// key, and taken up again when it is back.
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
  ) {
    this.#key = `${options.prefix}-callbacks-kept`;
  }

  /** Keeps a callback. Rejects when Redis is away too, or as many as may be are kept already. */
  async keep(received: ReceivedBody): Promise<void> {
    const { paymentId } = received;
    const sealed = await sealCallback(JSON.stringify(received), { paymentId, keys: this.keys });
    const entry: KeptEntry = { paymentId, sealed };
    const length = await this.redis.producer.rpush(this.#key, JSON.stringify(entry));
    if (length <= this.options.keptMax) return;
    await this.redis.producer.rpop(this.#key);
    throw new Error('too many callbacks are kept already');
  }

  /**
   * Hands the oldest kept callbacks to `take`, up to `limit`, and lets each go once it was taken. A process that dies in
   * between leaves the callback in the list; taking it twice changes nothing. Resolves with how many were taken.
   */
  async drain(limit: number, take: (received: ReceivedBody) => Promise<unknown>): Promise<number> {
    const { producer } = this.redis;
    const texts = await producer.lrange(this.#key, 0, limit - 1);
    for (const text of texts) {
      const { paymentId, sealed } = JSON.parse(text) as KeptEntry;
      const opened = JSON.parse(
        (await openCallback(sealed, { paymentId, keys: this.keys })).toString(),
      ) as ReceivedBody;
      await take({ ...opened, receivedAt: new Date(opened.receivedAt) });
      await producer.lrem(this.#key, 1, text);
    }
    return texts.length;
  }

  /** How many are kept. */
  count(): Promise<number> {
    return this.redis.producer.llen(this.#key);
  }
}
