// Counts the settled lines of a call and stores how far its batch is, a few times a second. A line
// counts once it and every line before it is settled; a batch continues after the last of them.
import type { OpenBatch, PaymentBatches } from '@quittance/persistence';
import { Conflict, crashPoint } from '@quittance/platform';
import type { LineOutcome } from './batch-outcome.js';

/** After the death of the process, lines of this time are sent again and count as replayed. */
const STORE_EVERY_MS = 500;

export class BatchProgress {
  readonly #batches: PaymentBatches;
  readonly #batch: OpenBatch;
  readonly #onFailure: (error: unknown) => void;
  #isStopped = false;
  #settled: number;
  #counts = { accepted: 0, replayed: 0, refused: 0 };
  #storedSettled: number;
  #storing: Promise<void> = Promise.resolve();
  #nextStoreAt = performance.now() + STORE_EVERY_MS;

  /**
   * `onFailure` is called when the progress cannot be stored: with a {@link Conflict} when a later
   * call has taken the batch over.
   */
  constructor(batches: PaymentBatches, batch: OpenBatch, onFailure: (error: unknown) => void) {
    this.#batches = batches;
    this.#batch = batch;
    this.#onFailure = onFailure;
    this.#settled = batch.settled;
    this.#storedSettled = batch.settled;
  }

  /** Counts the outcome of the next line. A line that counted in an earlier call counts no more. */
  count({ line, settlement }: LineOutcome): void {
    if (settlement === 'unsettled') this.#isStopped = true;
    if (this.#isStopped || line <= this.#settled) return;
    this.#settled = line;
    if (settlement !== 'blank' && settlement !== 'unsettled') this.#counts[settlement] += 1;
    if (performance.now() < this.#nextStoreAt) return;
    this.#nextStoreAt = performance.now() + STORE_EVERY_MS;
    void this.store();
  }

  /**
   * Stores what was counted. Resolves also when that fails: the lines then are sent again, and
   * count as replayed.
   */
  store(): Promise<void> {
    this.#storing = this.#storing.then(() => this.#store());
    return this.#storing;
  }

  async #store(): Promise<void> {
    if (this.#settled === this.#storedSettled) return;
    const progress = { settled: this.#settled, ...this.#counts };
    this.#counts = { accepted: 0, replayed: 0, refused: 0 };
    this.#storedSettled = progress.settled;
    try {
      crashPoint('batch-progress.before-commit');
      const isStored = await this.#batches.advance(this.#batch, progress);
      crashPoint('batch-progress.after-commit');
      if (!isStored) throw OVERTAKEN;
    } catch (error) {
      // Not repeated: a commit whose response was lost would count its lines twice.
      this.#isStopped = true;
      this.#onFailure(error);
    }
  }
}

const OVERTAKEN = new Conflict('state_conflict', 'A later call has continued this batch.');
