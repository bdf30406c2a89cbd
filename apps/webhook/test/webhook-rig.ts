// The webhook app with connections to Postgres and Redis that a test can cut, and with its log.
import { ORDER_IS_LOST_AFTER_MS, type Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { createLogger, loadConfig } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import { callbackToken, generateKeySets, parseKeySet, sealSecret } from '@quittance/vault';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { aPayment, insertTestTerminal, newTransId } from '../../../test/support/payments.js';
import { bodyParsersOf } from '../../../test/support/body-parsers.js';
import {
  createTestDatabase,
  type TestDatabase,
  emptyPayments,
} from '../../../test/support/postgres.js';
import { createTestRedis, type TestRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { webhookConfig } from '../src/config.js';
import { createApp } from '../src/create-app.js';
import { JSON_TYPE, KEYS, TRANS_ID } from './callback-bodies.js';

/** The parts of a response that a caller can distinguish. */
export interface CallbackResponse {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

type Row = Record<string, unknown>;

/** The settings that differ from the app's defaults. */
export interface RigSettings {
  /**
   * Default 0, which the configuration does not allow: responds at once, because few tests measure
   * the time.
   */
  readonly answerAfterMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class WebhookRig {
  readonly keySetJson = JSON.stringify(generateKeySets().webhook);
  readonly keys = parseKeySet(this.keySetJson);
  readonly logged: string[] = [];
  #app: NestFastifyApplication | undefined;
  #accepted = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly pool: Pool,
    readonly toPostgres: SeverableLink,
    readonly toRedis: SeverableLink,
    private readonly settings: RigSettings,
  ) {}

  static async start(settings: RigSettings = {}): Promise<WebhookRig> {
    const [database, redis] = [await createTestDatabase(), createTestRedis()];
    const pool = new Pool({ connectionString: database.url });
    const links = [await linkTo(database.urlAs('webhook')), await linkTo(redis.url)] as const;
    const rig = new WebhookRig(database, redis, pool, ...links, settings);
    await rig.#startApp();
    return rig;
  }

  async #startApp(): Promise<void> {
    const destination = { write: (line: string) => void this.logged.push(line) };
    const logger = createLogger({ name: 'webhook', level: 'trace', destination });
    const loaded = loadConfig(webhookConfig, {
      DATABASE_URL: this.toPostgres.url,
      DATABASE_CONNECTIONS: '4',
      REDIS_URL: this.toRedis.url,
      QUEUE_PREFIX: this.redis.prefix,
      QUITTANCE_KEYSET: this.keySetJson,
      ...this.settings.env,
    });
    const { answerAfterMs = 0 } = this.settings;
    const config = { ...loaded, reception: { ...loaded.reception, answerAfterMs } };
    this.#app = await createApp(config, { logger });
    await this.#app.get(RedisConnections, { strict: false }).check();
    await this.#app.listen(0, '127.0.0.1');
  }

  /** Restarts the app, as a new process would. */
  async restartApp(): Promise<void> {
    await this.#app?.close();
    await this.#startApp();
  }

  /** Resolves with the text of the metrics endpoint. */
  async metrics(): Promise<string> {
    const url = new URL('/metrics', await this.#app?.getUrl());
    return (await fetch(url)).text();
  }

  /** Resolves with the response of the readiness probe. */
  async readiness(): Promise<{ readonly status: number; readonly body: unknown }> {
    const answer = await fetch(new URL('/readyz', await this.#app?.getUrl()));
    return { status: answer.status, body: await answer.json() };
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all([this.toPostgres.cut(), this.toRedis.cut()]);
    await this.pool.end();
    await this.database.drop();
    await this.redis.clear();
  }

  async reset(): Promise<void> {
    await emptyPayments(this.pool);
    await insertTestTerminal(this.pool, await this.sealedKey('ter_test'));
    await this.pool.query('UPDATE terminals SET public_key = $1', [KEYS.publicKey]);
    this.logged.length = 0;
    this.#accepted = 0;
  }

  /** Resolves with the private key as a terminal's row stores it. */
  async sealedKey(terminalId: string): Promise<{ readonly sealedPrivateKey: string }> {
    const { keys } = this;
    return { sealedPrivateKey: await sealSecret(KEYS.privateKey, { terminalId, keys }) };
  }

  /**
   * Stores a payment that the gateway holds, unless `overrides` differ. The first one of a test has
   * the transID {@link TRANS_ID}.
   */
  async accept(overrides: Partial<Payment> = {}): Promise<Payment> {
    const transId = this.#accepted === 0 ? TRANS_ID : newTransId();
    this.#accepted += 1;
    const submitted = { status: 'requiresAction', transId, attempt: 1 } as const;
    const payment = aPayment({ ...submitted, nextStepAt: new Date('2030-01-01'), ...overrides });
    await new Payments(this.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    return payment;
  }

  async load(payment: Payment): Promise<Payment> {
    const loaded = await new Payments(this.pool).load(payment.id);
    if (!loaded) throw new Error('the payment is gone');
    return loaded.payment;
  }

  /**
   * Resolves with true when an inquiry about the payment was requested, the only effect of a
   * callback, and is due soon even if its order is lost.
   */
  async isInquiryDue(payment: Payment): Promise<boolean> {
    const { nextStepAt, asks } = await this.load(payment);
    const latestMs = Date.now() + ORDER_IS_LOST_AFTER_MS;
    return asks > 0 && nextStepAt !== null && nextStepAt.getTime() <= latestMs;
  }

  /** Resolves with the number of inquiries about the payment that wait in their queue. */
  async inquiriesOrdered({ id }: Payment): Promise<number> {
    const queue = new Queue('inquiry', {
      connection: { url: this.redis.url },
      prefix: this.redis.prefix,
    });
    try {
      const jobs = await queue.getJobs(['prioritized']);
      return jobs.filter(({ data }) => data.paymentId === id).length;
    } finally {
      await queue.close();
    }
  }

  addressOf(payment: Payment): string {
    return `${payment.id}.${callbackToken(payment.id, this.keys).token}`;
  }

  /** Posts to a callback address, as the gateway does. */
  async post(
    address: string,
    body: string | Buffer,
    contentType: string = JSON_TYPE,
  ): Promise<CallbackResponse> {
    const url = new URL(`/callbacks/${address}`, await this.#app?.getUrl());
    const headers = contentType === '' ? {} : { 'content-type': contentType };
    const response = await fetch(url, { method: 'POST', headers, body: Buffer.from(body) });
    return {
      status: response.status,
      body: await response.text(),
      retryAfter: response.headers.get('retry-after'),
    };
  }

  /** Returns the content types for which the app has parsers. */
  bodyParsers(): string[] {
    return this.#app ? bodyParsersOf(this.#app) : [];
  }

  /** Resolves with the app's base URL. */
  async url(): Promise<URL> {
    return new URL((await this.#app?.getUrl()) ?? '');
  }

  async rows(sql: string): Promise<Row[]> {
    return (await this.pool.query<Row>(sql)).rows;
  }

  /** Resolves with everything that Redis stores under this test's prefix, as text. */
  async redisContent(): Promise<string> {
    const redis = new Redis(this.redis.url);
    const found: string[] = [];
    for (const key of await redis.keys(`${this.redis.prefix}*`)) {
      const isList = (await redis.type(key)) === 'list';
      if (isList) found.push(...(await redis.lrange(key, 0, -1)));
      else found.push((await redis.dumpBuffer(key))?.toString('latin1') ?? '');
    }
    await redis.quit();
    return found.join('\n');
  }
}
