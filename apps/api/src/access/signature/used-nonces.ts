// Which signatures were taken: by their nonces, in Postgres, which every process asks and which
// forgets nothing when Redis does (ADR 27). What Postgres cannot be asked about is not taken.
import { Injectable } from '@nestjs/common';
import { type NonceUse, SignatureNonces } from '@quittance/persistence';
import { AccessDenied, Batcher, crashPoint, Logger, PeriodicTask } from '@quittance/platform';
import { createHash } from 'node:crypto';
import type { SignedOnce } from './verify-request.js';

const FORGET_EVERY_MS = 60_000;

/** A clock that is ahead of Postgres' must not see a signature as good whose nonce is forgotten. */
const SKEW_MS = 60_000;

const BATCH_MAX = 100;
/** While Postgres is silent, no caller waits longer than this behind the batch that found out. */
const TURN_WITHIN_MS = 5_000;

@Injectable()
export class UsedNonces {
  readonly #uses: Batcher<NonceUse, boolean>;
  readonly #forgetting: PeriodicTask;

  constructor(
    private readonly nonces: SignatureNonces,
    log: Logger,
  ) {
    this.#uses = new Batcher({
      run: (uses) => this.#write(uses),
      maxBatch: BATCH_MAX,
      maxConcurrent: 1,
      waitMs: TURN_WITHIN_MS,
      // Nothing in a batch can fail alone, and after an unknown end a second try would find its own
      // nonces.
      isolateFailures: false,
    });
    this.#forgetting = new PeriodicTask({
      name: 'used nonces',
      everyMs: FORGET_EVERY_MS,
      run: () => this.forget(),
      log,
    });
  }

  /**
   * Uses a signature up. Throws `signature_replayed` (401) when it was used before, by any process.
   */
  async use(keyId: string, { nonce, goodUntil }: SignedOnce): Promise<void> {
    const digest = createHash('sha256').update(`${keyId}\n${nonce}`).digest();
    const expiresAt = new Date(goodUntil.getTime() + SKEW_MS);
    if (await this.#uses.submit({ digest, expiresAt })) return;
    const detail =
      'A request with this nonce was taken before, and may have been done. Sign again, with a new nonce.';
    throw new AccessDenied('signature_replayed', detail);
  }

  /** Deletes nonces whose signatures are too old to be taken. */
  forget(): Promise<'again' | 'done'> {
    return this.nonces.forget();
  }

  start(): void {
    this.#forgetting.start();
  }

  async stop(): Promise<void> {
    await this.#forgetting.stop();
  }

  async #write(uses: readonly NonceUse[]): Promise<boolean[]> {
    crashPoint('signature.before-commit');
    const isNew = await this.nonces.use(uses);
    crashPoint('signature.after-commit');
    return isNew;
  }
}
