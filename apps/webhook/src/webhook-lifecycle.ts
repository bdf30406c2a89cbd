// Starts and stops what runs beside the requests: the relay, and taking up callbacks that were kept while Postgres was away.
import type { EventPublisher } from '@quittance/events';
import type { KeyWatch, OutboxRelay } from '@quittance/persistence';
import { type Logger, PeriodicTask } from '@quittance/platform';
import type { PostgresClock } from '@quittance/postgres';
import type { QueueRegistry, RedisConnections } from '@quittance/queues';
import type {
  BeforeApplicationShutdown,
  OnApplicationBootstrap,
  OnApplicationShutdown,
} from '@nestjs/common';
import type { Pool } from 'pg';
import type { Counter } from 'prom-client';
import type { KeptCallbacks } from './outage/kept-callbacks.js';
import type { ReceivedBody } from './reception/received-body.js';
import type { ReceiveCallback } from './reception/receive-callback.js';

const DRAIN_EVERY_MS = 1_000;
const DRAINED_PER_PASS = 100;

interface Parts {
  readonly clock: PostgresClock;
  readonly keyWatch: KeyWatch;
  readonly receiver: ReceiveCallback;
  readonly kept: KeptCallbacks;
  /** By `verdict`. */
  readonly callbacks: Counter<'verdict'>;
  readonly relay: OutboxRelay;
  readonly publisher: EventPublisher;
  readonly queues: QueueRegistry;
  readonly redis: RedisConnections;
  readonly pool: Pool;
  readonly log: Logger;
}

export class WebhookLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #parts: Parts;
  readonly #drain: PeriodicTask;
  /** What an earlier start set aside is tried once more. */
  #hasTakenUp = false;

  constructor(parts: Parts) {
    const { kept, receiver, callbacks, log } = parts;
    this.#parts = parts;
    this.#drain = new PeriodicTask({
      name: 'kept callbacks',
      everyMs: DRAIN_EVERY_MS,
      run: async () => {
        if (!this.#hasTakenUp) await kept.takeUpAgain();
        this.#hasTakenUp = true;
        const take = (received: ReceivedBody) => receiver.receive(received);
        const { lookedAt, setAside } = await kept.drain(DRAINED_PER_PASS, take);
        callbacks.inc({ verdict: 'set_aside' }, setAside);
        return lookedAt === DRAINED_PER_PASS ? 'again' : undefined;
      },
      log,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#parts.clock.start();
    await this.#parts.keyWatch.start();
    this.#parts.relay.start();
    this.#drain.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#drain.stop();
  }

  /** By now the last request has been answered and committed. */
  async onApplicationShutdown(): Promise<void> {
    const { clock, keyWatch, relay, publisher, queues, redis, pool } = this.#parts;
    await Promise.all([clock.stop(), keyWatch.stop()]);
    await relay.stop();
    await relay.relayBatch().catch(() => undefined);
    await Promise.all([publisher.close(), queues.close()]);
    await redis.close();
    await pool.end();
  }
}
