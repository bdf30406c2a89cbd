// Stores how far a batch is, before the outcomes are sent: a caller can always continue after the
// last outcome that it read. A line counts once it and every line before it is settled.
import type { OpenBatch, PaymentBatches } from '@quittance/persistence';
import { Conflict, crashPoint } from '@quittance/platform';
import type { LineOutcome } from './batch-outcome.js';

export class BatchProgress {
  readonly #batches: PaymentBatches;
  readonly #batch: OpenBatch;
  readonly #onFailure: (error: unknown) => void;
  #settled: number;
  #hasGap = false;
  #hasFailed = false;

  /**
   * `onFailure` is called when the progress cannot be stored: with a {@link Conflict} when a later
   * call has taken the batch over.
   */
  constructor(batches: PaymentBatches, batch: OpenBatch, onFailure: (error: unknown) => void) {
    this.#batches = batches;
    this.#batch = batch;
    this.#onFailure = onFailure;
    this.#settled = batch.settled;
  }

  /**
   * Stores the outcomes of the next lines. Lines that an earlier call has stored count no more, nor
   * do those after a line that is not settled. The former are stored nevertheless: a batch whose
   * lines are sent again is in use, and does not end.
   *
   * Resolves with false when storing fails, then and from then on: the caller gets no such outcome,
   * and sends the lines again.
   */
  async store(outcomes: readonly LineOutcome[]): Promise<boolean> {
    if (this.#hasFailed) return false;
    const counts = { accepted: 0, replayed: 0, refused: 0 };
    const before = this.#settled;
    for (const { line, settlement } of outcomes) {
      if (settlement === 'unsettled') this.#hasGap = true;
      else if (!this.#hasGap && line > this.#settled) {
        this.#settled = line;
        if (settlement !== 'blank') counts[settlement] += 1;
      }
    }
    if (!this.#hasGap || this.#settled > before) await this.#advance(counts);
    return !this.#hasFailed;
  }

  async #advance(counts: Readonly<Record<'accepted' | 'replayed' | 'refused', number>>) {
    try {
      crashPoint('batch-progress.before-commit');
      const progress = { settled: this.#settled, ...counts };
      const isStored = await this.#batches.advance(this.#batch, progress);
      crashPoint('batch-progress.after-commit');
      if (!isStored) throw OVERTAKEN;
    } catch (error) {
      // Not repeated: a commit whose response was lost would count its lines twice.
      this.#hasFailed = true;
      this.#onFailure(error);
    }
  }
}

const OVERTAKEN = new Conflict('state_conflict', 'A later call has continued this batch.');
