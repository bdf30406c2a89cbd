// Runs the api on its own port, over wires to Postgres and Redis that a test can cut.
import { createApp } from '../src/create-app.js';
import { apiConfig } from '../src/config.js';
import { digestOfKey, merchantScopes, newApiKey } from '@quittance/api-keys';
import { digestOfOperatorKey, newOperatorKey } from '@quittance/operations';
import { createLogger, loadConfig, Metrics, newId } from '@quittance/platform';
import { type HttpLimits } from '@quittance/server';
import { RedisConnections } from '@quittance/queues';
import { generateKeySets } from '@quittance/vault';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createTestRedis, type TestRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { aRequest, type RequestBody } from './a-request.js';

/** A response with its body parsed as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: RequestBody;
}

/** A merchant with a test terminal `main` and a key. */
export interface TestMerchant {
  readonly id: string;
  readonly terminalId: string;
  readonly key: string;
}

export interface AskOptions {
  readonly key?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** A test's changes to the api. */
export interface RigOptions {
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly httpLimits?: Partial<HttpLimits>;
  /** Of the read replica, for the database of the rig; default: none. */
  readonly readUrl?: (database: TestDatabase) => string;
  /** Default: a share of the run's Redis. */
  readonly redis?: TestRedis;
}

export class ApiRig {
  readonly keySets = generateKeySets();
  readonly logged: string[] = [];
  readonly metrics = new Metrics();
  /** Every route of the app, as `GET /path/:parameter`. */
  readonly routes: string[] = [];
  app!: NestFastifyApplication;
  url = '';

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly pool: Pool,
    readonly toPostgres: SeverableLink,
    readonly toRedis: SeverableLink,
  ) {}

  static async start(options: RigOptions = {}): Promise<ApiRig> {
    const { redis = createTestRedis() } = options;
    const database = await createTestDatabase();
    const pool = new Pool({ connectionString: database.url });
    const links = [await linkTo(database.urlAs('api')), await linkTo(redis.url)] as const;
    const rig = new ApiRig(database, redis, pool, ...links);
    await rig.#startApp(options);
    return rig;
  }

  async #startApp({ env, httpLimits, readUrl }: RigOptions): Promise<void> {
    const destination = { write: (line: string) => void this.logged.push(line) };
    const logger = createLogger({ name: 'api', level: 'trace', destination });
    const config = loadConfig(apiConfig, {
      DATABASE_URL: this.toPostgres.url,
      REDIS_URL: this.toRedis.url,
      QUEUE_PREFIX: this.redis.prefix,
      QUITTANCE_KEYSET: JSON.stringify(this.keySets.api),
      ...(readUrl && { DATABASE_READ_URL: readUrl(this.database) }),
      ...env,
    });
    this.app = await createApp(config, {
      logger,
      metrics: this.metrics,
      ...(httpLimits && { limits: httpLimits }),
    });
    await this.app.get(RedisConnections, { strict: false }).check();
    const fastify: FastifyInstance = this.app.getHttpAdapter().getInstance();
    fastify.addHook('onRoute', ({ method, url }) => {
      this.routes.push(...[method].flat().map((name) => `${name} ${url}`));
    });
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.toPostgres.cut(), this.toRedis.cut()]);
    await this.pool.end();
    await this.database.drop();
    await this.redis.clear();
  }

  async addMerchant(options: { mode?: 'test' | 'live' } = {}): Promise<TestMerchant> {
    const [id, terminalId] = [newId('mer'), newId('ter')];
    await this.pool.query('INSERT INTO merchants VALUES ($1, $1, now())', [id]);
    await this.pool.query(
      `INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
         callback_encryption, mode, lane, inquiry, created_at)
       VALUES ($1, $2, 'main', 'http://127.0.0.1:9', 42, 'public', 'sealed', 'encrypted', 'aes256', $3, 'default',
         'trans_id', now())`,
      [terminalId, id, options.mode ?? 'test'],
    );
    return { id, terminalId, key: await this.addKey(id) };
  }

  /** Adds a key of a merchant. */
  addKey(
    merchantId: string,
    scopes: readonly string[] = merchantScopes,
    expiresAt: Date | null = null,
  ): Promise<string> {
    return this.#insertKey({ merchantId, holder: null, scopes, expiresAt });
  }

  /** Adds an operator's key, held by `holder`. */
  addOpsKey(scopes: readonly string[], holder = 'ann'): Promise<string> {
    return this.#insertKey({ merchantId: null, holder, scopes, expiresAt: null });
  }

  /** Registers an operator; `revokedAt` is SQL. */
  async addOperator(
    name: string,
    rights: 'read' | 'act' = 'act',
    revokedAt = 'NULL',
  ): Promise<{ readonly id: string; readonly key: string }> {
    const [id, key] = [newId('opr'), newOperatorKey()];
    await this.pool.query(
      `INSERT INTO operators (id, name, key_sha256, created_at, rights, revoked_at)
       VALUES ($1, $2, $3, now(), $4, ${revokedAt})`,
      [id, name, digestOfOperatorKey(key), rights],
    );
    return { id, key };
  }

  /** Adds a proposal of an operator `zoe` to resolve a payment. */
  async addProposal(paymentId: string): Promise<string> {
    const id = newId('prp');
    await this.pool.query(
      `INSERT INTO operator_proposals (id, action, subject_kind, subject_id, arguments, proposed_by, proposed_at, expires_at)
       VALUES ($1, 'resolve', 'payment', $2, '{"as":"failed","version":1}', 'zoe', now(), now() + interval '1 hour')`,
      [id, paymentId],
    );
    return id;
  }

  async #insertKey(row: {
    merchantId: string | null;
    holder: string | null;
    scopes: readonly string[];
    expiresAt: Date | null;
  }): Promise<string> {
    const key = newApiKey();
    await this.pool.query(
      `INSERT INTO api_keys (id, merchant_id, holder, secret_sha256, scopes, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, now(), $6)`,
      [newId('key'), row.merchantId, row.holder, digestOfKey(key), row.scopes, row.expiresAt],
    );
    return key;
  }

  /** Sends a request. A body that is not a string is sent as JSON. */
  async ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const { key, body, signal } = options;
    const headers = {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    const parsed: unknown = isJson ? JSON.parse(text) : { text };
    return { status: response.status, headers: response.headers, body: parsed as RequestBody };
  }

  /** Posts a create request; `changes` as for {@link aRequest}. */
  create(
    { key }: TestMerchant,
    changes: RequestBody = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.ask('POST', '/v1/payment-intents', { key, body: aRequest(changes), headers });
  }

  /** Returns one number from the database. */
  async count(sql: string, values: readonly unknown[] = []): Promise<number> {
    const { rows } = await this.pool.query<{ count: string }>(sql, [...values]);
    return Number(rows[0]?.count);
  }
}
