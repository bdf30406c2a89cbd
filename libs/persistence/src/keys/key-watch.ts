// Reloads a process's keys when their file changes, and announces them. An unreadable or invalid
// file changes nothing: the process goes on with the keys that it has, and the operator's CLI sees
// that it has not loaded the new ones.
import { type Logger, newId, PeriodicTask, type SecretDocument } from '@quittance/platform';
import { keyNames, type KeySet, liveKeySet } from '@quittance/vault';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { type KeyHolder, KeyHolders } from './key-holders.js';

/** The interval at which the file is read. */
const LOOK_EVERY_MS = 500;
/**
 * The interval at which a process announces its keys when nothing changed; many of these make
 * {@link HOLDER_LOST_AFTER_MS}.
 */
const ANNOUNCE_EVERY_MS = 10_000;

/** The process whose keys are watched, and their source. */
export interface KeyWatchOptions {
  readonly app: KeyHolder['app'];
  readonly document: SecretDocument<KeySet>;
  readonly pool: Pool;
  readonly log: Logger;
}

export class KeyWatch {
  /** The keys as of the last read. */
  readonly keys: KeySet;
  readonly #options: KeyWatchOptions;
  readonly #holders: KeyHolders;
  readonly #processId = newId('proc');
  readonly #loop: PeriodicTask;
  #announcedAt = -Infinity;
  #problem = '';

  constructor(options: KeyWatchOptions) {
    const { document, pool, log } = options;
    this.#options = options;
    this.#holders = new KeyHolders(pool);
    this.keys = liveKeySet(() => document.current);
    this.#loop = new PeriodicTask({
      name: 'key set',
      everyMs: LOOK_EVERY_MS,
      run: () => this.look(),
      log,
    });
  }

  /**
   * Starts watching. Resolves after the first look, so that a process that serves afterwards has
   * the present keys and has announced them. It starts even if Postgres is unavailable.
   */
  async start(): Promise<void> {
    await this.look().catch((err: unknown) =>
      this.#options.log.warn({ err }, 'the keys of this process could not be announced'),
    );
    this.#loop.start();
  }

  /**
   * Stops watching and withdraws the announcement. Call it when these keys are no longer used,
   * before the pool ends.
   */
  async stop(): Promise<void> {
    await this.#loop.stop();
    // If Postgres is unavailable, the row counts until it expires.
    await this.#holders.leave(this.#processId).catch(() => undefined);
  }

  /** Reads the file once. Rejects when Postgres is unavailable. */
  async look(): Promise<void> {
    const isNew = await this.#refresh();
    if (isNew) this.#announcedAt = -Infinity;
    if (performance.now() - this.#announcedAt < ANNOUNCE_EVERY_MS) return;
    const { app, document } = this.#options;
    await this.#holders.announce({
      processId: this.#processId,
      app,
      host: hostname(),
      pid: process.pid,
      keys: keyNames(document.current),
    });
    this.#announcedAt = performance.now();
  }

  async #refresh(): Promise<boolean> {
    const { document, log } = this.#options;
    try {
      const isNew = await document.refresh();
      if (isNew) log.info({ kids: keyNames(document.current) }, 'a changed key set was loaded');
      this.#problem = '';
      return isNew;
    } catch (err) {
      const { message } = err as Error;
      // Logged once per problem, not at every interval.
      if (message !== this.#problem)
        log.error({ err }, 'QUITTANCE_KEYSET cannot be read; the keys stay as they were');
      this.#problem = message;
      return false;
    }
  }
}
