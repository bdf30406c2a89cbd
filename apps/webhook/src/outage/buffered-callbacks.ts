// Callbacks come once. While Postgres is away they are kept in Redis, sealed because a body can
// hold the merchant's private key, and taken up again when it is back. One that can never be
// applied is set aside, where it neither blocks nor gets lost.
import { Injectable } from '@nestjs/common';
import { isDatabaseUnavailable, isRefusedForGood, isStatementError } from '@quittance/persistence';
import { crashPoint, idPattern, Logger, Unavailable } from '@quittance/platform';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { KeySet, openCallback, sealCallback } from '@quittance/vault';
import { z } from 'zod';
import { OutageSettings } from '../config.js';
import type { ReceivedBody } from '../received-body.js';

/**
 * An entry of the list. Sealed or not there: anything else was published by another program, and
 * may hold a card.
 */
const keptEntry = z.strictObject({
  paymentId: z.string().regex(idPattern('pi')),
  /** A JWE in its compact form (RFC 7516 §7.1). */
  sealed: z.string().regex(/^[\w-]+\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+$/),
});
type KeptEntry = z.infer<typeof keptEntry>;

/** Where kept callbacks are. */
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
    this.#key = `${prefix}-callbacks-kept`;
    this.#asideKey = `${this.#key}-set-aside`;
  }

  /** Keeps a callback. Rejects when Redis is away too, or as many as may be are kept already. */
  async keep(received: ReceivedBody): Promise<void> {
    const { paymentId } = received;
    const sealed = await sealCallback(JSON.stringify(received), { paymentId, keys: this.keys });
    const entry: KeptEntry = { paymentId, sealed };
    const text = JSON.stringify(entry);
    crashPoint('kept-callback.before-keep');
    const length = await this.redis.producer.rpush(this.#key, text);
    crashPoint('kept-callback.after-keep');
    if (length <= this.settings.keptMax) return;
    // This very one, not the last: another may have been kept behind it.
    await this.redis.producer.lrem(this.#key, -1, text);
    throw new Error('too many callbacks are kept already');
  }

  /**
   * Hands the oldest kept callbacks to `take`, up to `limit`, and lets each go once it was taken. A
   * process that dies in between leaves the callback in the list; taking it twice changes nothing.
   * What cannot be opened or can never be applied is set aside, so that it does not hold up the
   * others; what is no callback of ours is removed. Rejects, with the callback still kept, when
   * only a pause helps.
   */
  async drain(
    limit: number,
    take: (received: ReceivedBody) => Promise<unknown>,
  ): Promise<{ readonly lookedAt: number; readonly setAside: number }> {
    const { producer } = this.redis;
    const texts = await producer.lrange(this.#key, 0, limit - 1);
    let setAside = 0;
    for (const text of texts) {
      const entry = entryOf(text);
      if (!entry) this.log.error('an entry that is no kept callback was removed');
      else if (!(await this.#hand(entry, take))) {
        await producer.rpush(this.#asideKey, text);
        setAside += 1;
      }
      crashPoint('kept-callback.before-removal');
      await producer.lrem(this.#key, 1, text);
    }
    return { lookedAt: texts.length, setAside };
  }

  /** Keeps again what was set aside: a new start may have the key or the code that was missing. */
  async takeUpAgain(): Promise<void> {
    const { producer } = this.redis;
    const count = await producer.llen(this.#asideKey);
    for (let moved = 0; moved < count; moved += 1)
      await producer.lmove(this.#asideKey, this.#key, 'LEFT', 'RIGHT');
  }

  /** False when the callback has to be set aside. */
  async #hand(
    entry: KeptEntry,
    take: (received: ReceivedBody) => Promise<unknown>,
  ): Promise<boolean> {
    const received = await this.#open(entry);
    if (!received) return false;
    try {
      await take(received);
      return true;
    } catch (error) {
      if (passes(error)) throw error;
      const { paymentId } = received;
      this.log.error(
        { err: error, paymentId },
        'a kept callback cannot be applied; it was set aside',
      );
      return false;
    }
  }

  /**
   * `undefined` for what was sealed with a key this process does not have, or by nobody of ours.
   */
  async #open({ paymentId, sealed }: KeptEntry): Promise<ReceivedBody | undefined> {
    try {
      const opened = await openCallback(sealed, { paymentId, keys: this.keys });
      const received = JSON.parse(opened.toString()) as ReceivedBody;
      return { ...received, receivedAt: new Date(received.receivedAt) };
    } catch (error) {
      this.log.error({ err: error }, 'a kept callback cannot be opened; it was set aside');
      return undefined;
    }
  }

  /** How many are kept. */
  count(state: BufferState): Promise<number> {
    return this.redis.producer.llen(state === 'waiting' ? this.#key : this.#asideKey);
  }
}

function entryOf(text: string): KeptEntry | undefined {
  try {
    return keptEntry.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Whether trying later may help: Postgres away, in trouble or not migrated yet. Anything else is
 * this callback's own fault.
 */
function passes(error: unknown): boolean {
  if (error instanceof Unavailable || isDatabaseUnavailable(error)) return true;
  return isStatementError(error) && !isRefusedForGood(error);
}
