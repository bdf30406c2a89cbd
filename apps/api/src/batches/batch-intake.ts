// The use case behind `POST /v1/payment-intents/batch`: opens batches, runs their calls side by
// side within the limits, and ends them when the process stops.
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { PaymentBatches } from '@quittance/persistence';
import { Conflict, crashPoint, Logger, Metrics, Unavailable } from '@quittance/platform';
import type { Writable } from 'node:stream';
import { BatchSettings } from '../config.js';
import { BatchCall, type BatchRequest } from './batch-call.js';
import { BatchProgress } from './batch-progress.js';
import { LineAdmission } from './line-admission.js';
import { LineIntake } from './line-intake.js';

/** A call, and the batch that it begins or continues. */
export interface BatchOpening extends BatchRequest {
  readonly batchId: string;
}

@Injectable()
export class BatchIntake implements BeforeApplicationShutdown {
  /** The calls, by the ids of their keys. */
  readonly #calls = new Map<object, { readonly keyId: string; end(reason: unknown): void }>();

  constructor(
    private readonly batches: PaymentBatches,
    private readonly lines: LineIntake,
    private readonly admission: LineAdmission,
    private readonly settings: BatchSettings,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'batch_calls',
      help: 'Batch calls that are being carried out now',
      collect: (gauge) => gauge.set(this.#calls.size),
    });
  }

  /**
   * Opens a batch and returns the function that carries the call out. Throws `too_many_requests`
   * (429) when too many calls are in progress, and `state_conflict` (409) when a line before the
   * first one is not settled.
   */
  async open(opening: BatchOpening): Promise<(response: Writable) => Promise<void>> {
    const { keyId, merchantId } = opening.from.caller;
    const place = this.#take(keyId);
    try {
      crashPoint('batch-open.before-commit');
      const batch = await this.batches.open(merchantId, opening.batchId, opening.firstLine);
      crashPoint('batch-open.after-commit');
      if (!batch) throw await this.#gap(opening);
      const call = new BatchCall(opening, this.#parts(opening), (onFailure) => {
        return new BatchProgress(this.batches, batch, onFailure);
      });
      this.#calls.set(place, { keyId, end: (reason) => call.end(reason) });
      return (response) => this.#run(call, response).finally(() => this.#calls.delete(place));
    } catch (error) {
      this.#calls.delete(place);
      throw error;
    }
  }

  /** The calls end with the lines in flight; their callers continue at another process. */
  beforeApplicationShutdown(): void {
    for (const call of this.#calls.values()) call.end(STOPPING);
  }

  async #run(call: BatchCall, response: Writable): Promise<void> {
    try {
      await call.run(response);
    } catch (error) {
      this.log.error({ err: error }, 'a batch call failed');
      call.end(error);
      response.destroy();
    }
  }

  #parts({ requestId }: BatchOpening) {
    const onFault = (error: unknown) =>
      this.log.error({ requestId, err: error }, 'a line of a batch failed');
    const { linesMax, idleMs } = this.settings;
    return { lines: this.lines, admission: this.admission, linesMax, idleMs, onFault };
  }

  #take(keyId: string): object {
    const calls = [...this.#calls.values()];
    const { max, maxPerKey } = this.settings;
    const ofKey = calls.filter((call) => call.keyId === keyId).length;
    if (calls.length >= max || ofKey >= maxPerKey) {
      throw Unavailable.tooManyRequests('Too many batch calls are in progress.', RETRY_SECONDS);
    }
    const place = {};
    this.#calls.set(place, { keyId, end: () => undefined });
    return place;
  }

  async #gap({ from, batchId }: BatchOpening): Promise<Conflict> {
    const batch = await this.batches.find(from.caller.merchantId, batchId);
    if (!batch) return new Conflict('state_conflict', NO_BATCH);
    const { settled } = batch;
    const detail = `The batch is settled up to line ${settled}. Continue it with First-Line: ${settled + 1} or an earlier line.`;
    return new Conflict('state_conflict', detail);
  }
}

const RETRY_SECONDS = 1;

const NO_BATCH =
  'There is no batch with this id, or it has ended. Begin it with First-Line: 1: lines that made a payment make no second one.';

const STOPPING = new Unavailable(
  'unavailable',
  'This process is stopping. Continue the batch with the first line that has no outcome.',
);
