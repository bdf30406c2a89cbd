// Keeps a process's keys those of its file, and says which they are. A file that cannot be read or
// understood changes nothing: the process goes on with what it has, and the operator's CLI sees
// that it has not taken up the rest.
import { type Logger, newId, PeriodicTask, type SecretDocument } from '@quittance/platform';
import { keyNames, type KeySet, liveKeySet } from '@quittance/vault';
import { hostname } from 'node:os';
import type { Pool } from 'pg';
import { type KeyHolder, KeyHolders } from './key-holders.js';

/** How soon a changed file is noticed. */
const LOOK_EVERY_MS = 500;
/**
 * How often a process says which keys it has when nothing changed; many of these make {@link
 * HOLDER_LOST_AFTER_MS}.
 */
const ANNOUNCE_EVERY_MS = 10_000;

/** Whose keys, and where they come from. */
export interface KeyWatchOptions {
  readonly app: KeyHolder['app'];
  readonly document: SecretDocument<KeySet>;
  readonly pool: Pool;
  readonly log: Logger;
}

export class KeyWatch {
  /** The keys as they are now, at each look. */
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
   * Starts looking. Resolves after the first look, so that whoever serves only afterwards does it
   * with the keys of now and is known to have them. Postgres being away is no reason not to start.
   */
  async start(): Promise<void> {
    await this.look().catch((err: unknown) =>
      this.#options.log.warn({ err }, 'it could not be said which keys this process has'),
    );
    this.#loop.start();
  }

  /**
   * Stops, and says so. Call it when nothing is made with these keys any more, before the pool
   * ends.
   */
  async stop(): Promise<void> {
    await this.#loop.stop();
    // If Postgres is away, the row is reckoned with for its time.
    await this.#holders.leave(this.#processId).catch(() => undefined);
  }

  /** One look at the file. Rejects when Postgres cannot be told. */
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
      if (isNew) log.info({ kids: keyNames(document.current) }, 'a changed key set was taken up');
      this.#problem = '';
      return isNew;
    } catch (err) {
      const { message } = err as Error;
      // Once per problem, and not once a second.
      if (message !== this.#problem)
        log.error({ err }, 'QUITTANCE_KEYSET cannot be read; the keys stay as they were');
      this.#problem = message;
      return false;
    }
  }
}
