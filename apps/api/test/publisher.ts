// A service that publishes payments as jobs: with connections of its own to Redis, and the API key
// and private key of a merchant.
import { type Job, type JobsOptions, Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { digestOfKey, newApiKey } from '@quittance/api-keys';
import { newId } from '@quittance/platform';
import { aCard, aRequest, type RequestBody } from './a-request.js';
import type { ApiRig } from './api-rig.js';
import { signedIntent, type Signer } from '../../../test/support/signed-intent.js';

const WAIT_MS = 20_000;

/** Differences of a signer's key from the usual one. */
export interface SignerOptions {
  readonly scopes?: readonly string[];
  readonly requestsPerSecond?: number;
  readonly isRevoked?: boolean;
  readonly hasPublicKey?: boolean;
}

/** Adds an API key with a public key to a merchant. */
export async function addSigner(
  rig: ApiRig,
  merchantId: string,
  options: SignerOptions = {},
): Promise<Signer> {
  const { scopes = ['payments:write'], requestsPerSecond = null } = options;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const keyId = newId('key');
  await rig.pool.query(
    `INSERT INTO api_keys (id, merchant_id, secret_sha256, scopes, created_at, requests_per_second,
       signing_public_key, revoked_at) VALUES ($1, $2, $3, $4, now(), $5, $6, $7)`,
    [
      keyId,
      merchantId,
      digestOfKey(newApiKey()),
      scopes,
      requestsPerSecond,
      options.hasPublicKey === false ? null : raw,
      options.isRevoked ? new Date() : null,
    ],
  );
  return { keyId, privateKey };
}

export class Publisher {
  readonly redis: Redis;
  readonly queue: Queue;
  readonly #events: QueueEvents;

  private constructor(
    readonly rig: ApiRig,
    url: string,
  ) {
    const { prefix } = rig.redis;
    this.redis = new Redis(url, { maxRetriesPerRequest: null });
    this.queue = new Queue('payment-intents', { connection: this.redis, prefix });
    // Each job that is waited for adds a listener.
    this.queue.setMaxListeners(0);
    this.#events = new QueueEvents('payment-intents', { connection: { url }, prefix });
  }

  static async start(rig: ApiRig): Promise<Publisher> {
    const publisher = new Publisher(rig, rig.redis.url);
    await publisher.#events.waitUntilReady();
    return publisher;
  }

  async stop(): Promise<void> {
    await this.#events.close();
    await this.queue.close();
    await this.redis.quit();
  }

  /** A valid payload: the usual request, with its card encrypted for the worker. */
  async payload(changes: RequestBody = {}): Promise<RequestBody> {
    return aRequest({ card: undefined, card_jwe: await this.#cardJwe(), ...changes });
  }

  /** Publishes a signed payload. */
  async publish(payload: unknown, signer: Signer, options: JobsOptions = {}): Promise<Job> {
    return this.queue.add('payment.create.v1', { jws: signedIntent(payload, signer) }, options);
  }

  /** Resolves with the return value of a job. Rejects with its reason. */
  resultOf(job: Job): Promise<PublishedResult> {
    return job.waitUntilFinished(this.#events, WAIT_MS) as Promise<PublishedResult>;
  }

  /** Resolves with the problem document of a job that fails. */
  async problemOf(job: Job): Promise<RequestBody> {
    const reason = await this.resultOf(job).then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
    return JSON.parse(reason) as RequestBody;
  }

  /** All keys and values of the queue in Redis, as text. */
  async everything(): Promise<string> {
    const texts: unknown[] = [];
    const match = `${this.rig.redis.prefix}:payment-intents:*`;
    for await (const keys of this.redis.scanStream({ match, count: 1_000 })) {
      for (const key of keys as string[]) texts.push(key, await this.#read(key));
    }
    return JSON.stringify(texts);
  }

  async #read(key: string): Promise<unknown> {
    const { redis } = this;
    const reading = {
      string: () => redis.get(key),
      list: () => redis.lrange(key, 0, -1),
      set: () => redis.smembers(key),
      zset: () => redis.call('zrange', key, '0', '-1', 'WITHSCORES'),
      hash: () => redis.hgetall(key),
      stream: () => redis.xrange(key, '-', '+'),
    }[await redis.type(key)];
    return reading?.();
  }

  async #cardJwe(): Promise<string> {
    const { body } = await this.rig.ask('GET', '/.well-known/jwks.json');
    const [jwk = {}] = body['keys'] as JWK[];
    return new CompactEncrypt(Buffer.from(JSON.stringify(aCard())))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: String(jwk.kid) })
      .encrypt(await importJWK(jwk, 'ECDH-ES'));
  }
}

export interface PublishedResult {
  readonly payment_intent: RequestBody;
  readonly idempotent_replayed: boolean;
}
