// Keys in Postgres, with a short memory: a caller sends the same key with every request.
import { Injectable } from '@nestjs/common';
import { StoredApiKeys } from '@quittance/persistence';
import { Clock, Logger, PeriodicTask } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import type { KeyObject } from 'node:crypto';
import { digestOfKey, isApiKeyForm, type Scope, signingKeyOf } from '@quittance/api-keys';

/** Who is calling, and what they may do. */
export interface Caller {
  readonly keyId: string;
  /** `null` for a key of the operator. */
  readonly merchantId: string | null;
  /** Who has a key of the operator, as the audit names them; `null` for a merchant's key. */
  readonly holder: string | null;
  readonly scopes: readonly Scope[];
  /** The key's own limit; `null` for the limit of all keys. */
  readonly requestsPerSecond: number | null;
  /** What its requests must be signed with; `undefined` when they need not be. */
  readonly signingKey: KeyObject | undefined;
}

/** A caller on behalf of a merchant. */
export interface MerchantCaller extends Caller {
  readonly merchantId: string;
}

interface KnownKey extends Caller {
  readonly expiresAt: Date | null;
}

/** How long a revoked key may still be good in a process that has just seen it. */
const CACHE_TTL_MS = 5_000;
const CACHED_MAX = 10_000;

/**
 * How long a key that was good is told from a guess, see {@link ApiKeys.wasGood}: longer than a
 * merchant is ever silent at work.
 */
const REMEMBERED_MS = 3_600_000;

/**
 * "Last used" is for finding keys nobody needs: a minute is exact enough, and one write for all
 * keys.
 */
const RECORD_USE_EVERY_MS = 60_000;

/** Finds who a key belongs to. */
@Injectable()
export class ApiKeys {
  readonly #clock: Clock;
  readonly #known: LRUCache<string, KnownKey>;
  readonly #good = new LRUCache<string, true>({ max: CACHED_MAX, ttl: REMEMBERED_MS });
  readonly #recorder: PeriodicTask;
  #used = new Map<string, Date>();

  constructor(
    private readonly stored: StoredApiKeys,
    clock: Clock,
    log: Logger,
  ) {
    this.#clock = clock;
    // Keys that were not found are not remembered: a new key works at once, and guesses cannot fill
    // the memory.
    this.#known = new LRUCache({
      max: CACHED_MAX,
      ttl: CACHE_TTL_MS,
      fetchMethod: (digest: string) => this.#find(digest),
    });
    this.#recorder = new PeriodicTask({
      name: 'api key use',
      everyMs: RECORD_USE_EVERY_MS,
      run: () => this.recordUse(),
      log,
    });
  }

  /** The caller a key belongs to; `undefined` when it is unknown, revoked or expired. */
  async callerOf(key: string): Promise<Caller | undefined> {
    if (!isApiKeyForm(key)) return undefined;
    const known = await this.#known.fetch(digestOfKey(key).toString('base64'));
    const now = this.#clock.now();
    if (known === undefined || (known.expiresAt !== null && known.expiresAt <= now)) {
      return undefined;
    }
    this.#used.set(known.keyId, now);
    return known;
  }

  /**
   * Whether this process has seen the key good within the last hour: it is no guess, though it may
   * have ended since.
   */
  wasGood(key: string): boolean {
    return this.#good.has(digestOfKey(key).toString('base64'));
  }

  /** Writes when the keys seen since the last time were last used. */
  async recordUse(): Promise<void> {
    if (this.#used.size === 0) return;
    const used = this.#used;
    this.#used = new Map();
    await this.stored.recordUse(used);
  }

  start(): void {
    this.#recorder.start();
  }

  stop(): Promise<void> {
    return this.#recorder.stop();
  }

  async #find(digest: string): Promise<KnownKey | undefined> {
    const row = await this.stored.find(Buffer.from(digest, 'base64'));
    if (row === undefined) {
      this.#good.delete(digest);
      return undefined;
    }
    this.#good.set(digest, true);
    const { signingPublicKey, scopes, ...key } = row;
    const signingKey = signingPublicKey ? signingKeyOf(signingPublicKey) : undefined;
    return { ...key, scopes: scopes as readonly Scope[], signingKey };
  }
}
