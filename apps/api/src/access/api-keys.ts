// Reads API keys from Postgres and caches them briefly, because a caller sends the same key with
// every request.
import { Injectable } from '@nestjs/common';
import { type StoredApiKey, StoredApiKeys } from '@quittance/persistence';
import { atMost, Clock, idPattern, Logger, PeriodicTask } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import type { KeyObject } from 'node:crypto';
import { digestOfKey, isApiKeyForm, type Scope, signingKeyOf } from '@quittance/api-keys';

/** An authenticated caller and its rights. */
export interface Caller {
  readonly keyId: string;
  /** `null` for an operator's key. */
  readonly merchantId: string | null;
  /** The holder of an operator's key, as the audit names them; `null` for a merchant's key. */
  readonly holder: string | null;
  readonly scopes: readonly Scope[];
  /** The key's own limit; `null` for the limit of all keys. */
  readonly requestsPerSecond: number | null;
  /** The key that must sign the requests; `undefined` when requests need no signature. */
  readonly signingKey: KeyObject | undefined;
}

/** A caller on behalf of a merchant. */
export interface MerchantCaller extends Caller {
  readonly merchantId: string;
}

interface KnownKey extends Caller {
  readonly expiresAt: Date | null;
}

/** Time for which a process may still accept a revoked key that it has just seen. */
const CACHE_TTL_MS = 5_000;
const CACHED_MAX = 10_000;

/** A text of any other form is not looked up as the id of a key. */
const KEY_ID = idPattern('key');

/**
 * Time for which a formerly valid key is distinguished from a guess, see {@link ApiKeys.wasValid}.
 * It is longer than any pause of a merchant at work.
 */
const REMEMBERED_MS = 3_600_000;

/**
 * "Last used" serves to find unneeded keys: a minute is exact enough, and one write covers all
 * keys.
 */
const RECORD_USE_EVERY_MS = 60_000;

/** Looks up the callers that keys belong to. */
@Injectable()
export class ApiKeys {
  readonly #clock: Clock;
  readonly #known: LRUCache<string, KnownKey>;
  readonly #knownById: LRUCache<string, KnownKey>;
  readonly #accepted = new LRUCache<string, true>({ ...atMost(CACHED_MAX), ttl: REMEMBERED_MS });
  readonly #recorder: PeriodicTask;
  #used = new Map<string, Date>();

  constructor(
    private readonly stored: StoredApiKeys,
    clock: Clock,
    log: Logger,
  ) {
    this.#clock = clock;
    // Unknown keys are not cached: a new key works at once, and guesses cannot fill the memory.
    this.#known = cacheOf((digest) => this.#find(digest));
    this.#knownById = cacheOf(async (keyId) => knownKeyOf(await this.stored.findById(keyId)));
    this.#recorder = new PeriodicTask({
      name: 'api key use',
      everyMs: RECORD_USE_EVERY_MS,
      run: () => this.recordUse(),
      log,
    });
  }

  /**
   * Resolves with the caller that a key belongs to; `undefined` when the key is unknown, revoked or
   * expired.
   */
  async callerOf(key: string): Promise<Caller | undefined> {
    if (!isApiKeyForm(key)) return undefined;
    const known = this.#unexpired(await this.#known.fetch(digestOfKey(key).toString('base64')));
    if (known) this.noteUse(known);
    return known;
  }

  /**
   * Resolves with the caller whose key has this id; `undefined` when the key is unknown, revoked or
   * expired. An id is no secret: verify the caller's signature, and then call {@link noteUse}.
   */
  async callerById(keyId: string): Promise<Caller | undefined> {
    if (!KEY_ID.test(keyId)) return undefined;
    return this.#unexpired(await this.#knownById.fetch(keyId));
  }

  /** Notes that a key was used now. */
  noteUse({ keyId }: Caller): void {
    this.#used.set(keyId, this.#clock.now());
  }

  /**
   * True when this process accepted the key within the last hour. The key is not a guess, though it
   * may have been revoked since.
   */
  wasValid(key: string): boolean {
    return this.#accepted.has(digestOfKey(key).toString('base64'));
  }

  /** Stores the time of last use of the keys seen since the previous call. */
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

  #unexpired(known: KnownKey | undefined): Caller | undefined {
    const expiresAt = known?.expiresAt ?? null;
    return expiresAt !== null && expiresAt <= this.#clock.now() ? undefined : known;
  }

  async #find(digest: string): Promise<KnownKey | undefined> {
    const known = knownKeyOf(await this.stored.find(Buffer.from(digest, 'base64')));
    if (known === undefined) this.#accepted.delete(digest);
    else this.#accepted.set(digest, true);
    return known;
  }
}

function cacheOf(
  fetchMethod: (name: string) => Promise<KnownKey | undefined>,
): LRUCache<string, KnownKey> {
  return new LRUCache({ ...atMost(CACHED_MAX), ttl: CACHE_TTL_MS, fetchMethod });
}

function knownKeyOf(row: StoredApiKey | undefined): KnownKey | undefined {
  if (row === undefined) return undefined;
  const { signingPublicKey, scopes, ...key } = row;
  const signingKey = signingPublicKey ? signingKeyOf(signingPublicKey) : undefined;
  return { ...key, scopes: scopes as readonly Scope[], signingKey };
}
