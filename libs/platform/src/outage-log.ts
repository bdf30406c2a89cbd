// What fails again and again while something is away is logged once for each cause, and once more,
// with a count, when it is over. A line for every failure would be the same line every second, and
// hide everything else.
import type { Logger } from './logging.js';
import { describeError } from './logging.js';

/** Digits differ between two failures of one cause: ports, ids, times. */
const DIGITS = /\d+/g;
/** So many causes of one outage are told apart; what comes then is counted. */
const CAUSES_MAX = 10;

/** The lines about one thing that may fail; see the top of this file. */
export class OutageLog {
  readonly #causes = new Set<string>();
  #failures = 0;
  #since = 0;

  /** `fields` are added to every line. */
  constructor(
    private readonly log: Logger,
    private readonly level: 'warn' | 'error',
    private readonly messages: { readonly failed: string; readonly over: string },
    private readonly fields: Readonly<Record<string, unknown>> = {},
  ) {}

  /** A failure, by its error or by its reason in words. */
  failed(error: unknown): void {
    if (this.#failures === 0) this.#since = performance.now();
    this.#failures += 1;
    const cause = causeOf(error);
    if (this.#causes.has(cause) || this.#causes.size >= CAUSES_MAX) return;
    this.#causes.add(cause);
    const why = typeof error === 'string' ? { reason: error } : { err: error };
    this.log[this.level]({ ...this.fields, ...why }, this.messages.failed);
  }

  /** It worked. Says so if it had failed before. */
  over(): void {
    if (this.#failures === 0) return;
    const lastedMs = Math.round(performance.now() - this.#since);
    this.log.info({ ...this.fields, failures: this.#failures, lastedMs }, this.messages.over);
    this.#causes.clear();
    this.#failures = 0;
  }
}

function causeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { type, code = '', message } = describeError(error);
  return `${type} ${code} ${message.replace(DIGITS, '#')}`;
}
