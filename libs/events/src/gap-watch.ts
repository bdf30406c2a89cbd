// Notices events that never came: an event was handled, the one before it is still missing. The publisher loses
// nothing on purpose, so a gap is either a failed event waiting for its replay or a fault that a person must see.
import type { Logger } from '@quittance/platform';
import type { ConsumerMetrics } from './consumer-metrics.js';
import type { EventInbox } from './event-inbox.js';

interface GapWatchOptions {
  readonly inbox: EventInbox;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
  readonly graceMs: number;
}

/** Few enough for a log line; the gauge has the number. */
const SUBJECTS_TOLD = 10;

/** One look at the inbox. */
export class GapWatch {
  #last = '';

  constructor(private readonly options: GapWatchOptions) {}

  /** Sets the gauge, and logs the gaps when they are not those of the last look. */
  async look(): Promise<void> {
    const { inbox, metrics, log, graceMs } = this.options;
    const gaps = await inbox.findGaps(graceMs);
    metrics.setGaps(gaps.length);
    const subjects = [...new Set(gaps.map((gap) => gap.subject))];
    const told = subjects.slice(0, SUBJECTS_TOLD);
    if (told.length > 0 && told.join() !== this.#last) {
      log.warn({ gaps: gaps.length, subjects: told }, 'events are missing');
    }
    this.#last = told.join();
  }
}
