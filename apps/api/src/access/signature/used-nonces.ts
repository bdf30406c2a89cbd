// Records the signatures that were used, by their nonces, in Postgres. Every process reads it, and
// it survives a loss of Redis (ADR 27). While Postgres is unavailable, no signature is accepted.
import { Injectable } from '@nestjs/common';
import { type NonceUse, SignatureNonces } from '@quittance/persistence';
import { AccessDenied, Batcher, crashPoint, Logger, PeriodicTask } from '@quittance/platform';
import { createHash } from 'node:crypto';
import type { SignedOnce } from './verify-request.js';

const CLEAN_UP_EVERY_MS = 60_000;

/**
 * Margin for a clock ahead of Postgres', which must not accept a signature whose nonce was deleted.
 */
const SKEW_MS = 60_000;

const BATCH_MAX = 100;
/** Longest wait of a caller behind the batch that finds Postgres silent. */
const TURN_WITHIN_MS = 5_000;

@Injectable()
export class UsedNonces {
  readonly #uses: Batcher<NonceUse, boolean>;
  readonly #cleanup: PeriodicTask;

  constructor(
    private readonly nonces: SignatureNonces,
    log: Logger,
  ) {
    this.#uses = new Batcher({
      run: (uses) => this.#write(uses),
      maxBatch: BATCH_MAX,
      maxConcurrent: 1,
      waitMs: TURN_WITHIN_MS,
      // No input of a batch can fail alone, and a retry after an unknown result would find its own
      // nonces.
      isolateFailures: false,
    });
    this.#cleanup = new PeriodicTask({
      name: 'used nonces',
      everyMs: CLEAN_UP_EVERY_MS,
      run: () => this.deleteExpired(),
      log,
    });
  }

  /**
   * Records a signature as used. Throws `signature_replayed` (401) when any process has used it
   * before.
   */
  async use(keyId: string, { nonce, validUntil }: SignedOnce): Promise<void> {
    const digest = createHash('sha256').update(`${keyId}\n${nonce}`).digest();
    const expiresAt = new Date(validUntil.getTime() + SKEW_MS);
    if (await this.#uses.submit({ digest, expiresAt })) return;
    const detail =
      'A request with this nonce was accepted before and may have taken effect. Sign again with a new nonce.';
    throw new AccessDenied('signature_replayed', detail);
  }

  /** Deletes nonces whose signatures are too old to be accepted. */
  deleteExpired(): Promise<'again' | 'done'> {
    return this.nonces.forget();
  }

  start(): void {
    this.#cleanup.start();
  }

  async stop(): Promise<void> {
    await this.#cleanup.stop();
  }

  async #write(uses: readonly NonceUse[]): Promise<boolean[]> {
    crashPoint('signature.before-commit');
    const isNew = await this.nonces.use(uses);
    crashPoint('signature.after-commit');
    return isNew;
  }
}
