// Which signatures were taken: by their nonces, in Postgres, which every process asks and which forgets nothing when Redis does
// (ADR 27). What Postgres cannot be asked about is not taken.
import { AccessDenied, Batcher, crashPoint, type Logger, PeriodicTask } from '@quittance/platform';
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { SignedOnce } from './verify-request.js';

/** Locked in one order, because two processes may be sent the same nonces. */
const USE = {
  name: 'use_signature_nonces',
  text: `
INSERT INTO signature_nonces (digest, expires_at)
SELECT digest, expires_at FROM unnest($1::bytea[], $2::timestamptz[]) AS n(digest, expires_at) ORDER BY digest
ON CONFLICT DO NOTHING RETURNING encode(digest, 'base64') AS digest`,
};

const FORGET_MAX = 10_000;
/** Skips what another process is deleting. */
const FORGET = `
DELETE FROM signature_nonces WHERE digest IN (
  SELECT digest FROM signature_nonces WHERE expires_at < now()
  ORDER BY expires_at LIMIT ${FORGET_MAX} FOR UPDATE SKIP LOCKED)`;
const FORGET_EVERY_MS = 60_000;

/** A clock that is ahead of Postgres' must not see a signature as good whose nonce is forgotten. */
const SKEW_MS = 60_000;

const BATCH_MAX = 100;
/** While Postgres is silent, no caller waits longer than this behind the batch that found out. */
const TURN_WITHIN_MS = 5_000;

interface Use {
  readonly digest: Buffer;
  readonly expiresAt: Date;
}

export class UsedNonces {
  readonly #pool: Pool;
  readonly #uses: Batcher<Use, boolean>;
  readonly #forgetting: PeriodicTask;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#uses = new Batcher({
      run: (uses) => this.#write(uses),
      maxBatch: BATCH_MAX,
      maxConcurrent: 1,
      waitMs: TURN_WITHIN_MS,
      // Nothing in a batch can fail alone, and after an unknown end a second try would find its own nonces.
      isolateFailures: false,
    });
    this.#forgetting = new PeriodicTask({
      name: 'used nonces',
      everyMs: FORGET_EVERY_MS,
      run: () => this.forget(),
      log,
    });
  }

  /** Uses a signature up. Throws `signature_replayed` (401) when it was used before, by any process. */
  async use(keyId: string, { nonce, goodUntil }: SignedOnce): Promise<void> {
    const digest = createHash('sha256').update(`${keyId}\n${nonce}`).digest();
    const expiresAt = new Date(goodUntil.getTime() + SKEW_MS);
    if (await this.#uses.submit({ digest, expiresAt })) return;
    const detail =
      'A request with this nonce was taken before, and may have been done. Sign again, with a new nonce.';
    throw new AccessDenied('signature_replayed', detail);
  }

  /** Deletes nonces whose signatures are too old to be taken. */
  async forget(): Promise<'again' | 'done'> {
    const { rowCount } = await this.#pool.query(FORGET);
    return rowCount === FORGET_MAX ? 'again' : 'done';
  }

  start(): void {
    this.#forgetting.start();
  }

  async stop(): Promise<void> {
    await this.#forgetting.stop();
  }

  async #write(uses: readonly Use[]): Promise<boolean[]> {
    const values = [uses.map(({ digest }) => digest), uses.map(({ expiresAt }) => expiresAt)];
    crashPoint('signature.before-commit');
    const { rows } = await this.#pool.query<{ digest: string }>({ ...USE, values });
    crashPoint('signature.after-commit');
    const fresh = new Set(rows.map(({ digest }) => digest));
    // Of two equal ones in a batch the first has it.
    return uses.map(({ digest }) => fresh.delete(digest.toString('base64')));
  }
}
