// Logs a repeated failure once per cause, and its end once with a count. A line for every failure
// would repeat every second and hide everything else.
import type { Logger } from './logging.js';
import { describeError } from './logging.js';

/** Digits differ between failures of the same cause: ports, ids, times. */
const DIGITS = /\d+/g;
/** Number of distinct causes that are logged per outage. Further ones are counted only. */
const CAUSES_MAX = 10;

/** The log lines about one dependency or task that may fail. */
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

  /** Reports a failure, by its error or its reason. */
  failed(error: unknown): void {
    if (this.#failures === 0) this.#since = performance.now();
    this.#failures += 1;
    const cause = causeOf(error);
    if (this.#causes.has(cause) || this.#causes.size >= CAUSES_MAX) return;
    this.#causes.add(cause);
    const why = typeof error === 'string' ? { reason: error } : { err: error };
    this.log[this.level]({ ...this.fields, ...why }, this.messages.failed);
  }

  /** Reports a success. Logs it if a failure came before. */
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
