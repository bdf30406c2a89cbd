// Prometheus metrics of one process: its own registry (two apps in one test process must not share
// one), and helpers that give names one form.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The prefix of every name, so that one query finds all of our metrics. */
const PREFIX = 'quittance_';

/**
 * Seconds, from a cache hit to a long poll. A scrape of every route can bear eleven buckets per
 * series.
 */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

/**
 * A metric: `name` without prefix, unit last (`…_seconds`, `…_bytes`; counters end in `_total`).
 */
export interface MetricOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

/** The metrics of one process. */
export class Metrics {
  readonly registry = new Registry();

  /** Creates a metric that only grows. */
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L> {
    return new Counter({ ...this.#common(options), name: PREFIX + options.name });
  }

  /** Creates a metric that rises and falls. `collect`, if given, sets it at each scrape. */
  gauge<L extends string = never>(
    options: MetricOptions<L> & { readonly collect?: (gauge: Gauge<L>) => void | Promise<void> },
  ): Gauge<L> {
    const { collect } = options;
    return new Gauge<L>({
      ...this.#common(options),
      name: PREFIX + options.name,
      ...(collect && {
        collect(this: Gauge<L>) {
          return collect(this);
        },
      }),
    });
  }

  /** Creates a distribution. Buckets are in seconds unless given. */
  histogram<L extends string = never>(
    options: MetricOptions<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L> {
    const { buckets = DURATION_BUCKETS } = options;
    return new Histogram({
      ...this.#common(options),
      name: PREFIX + options.name,
      buckets: [...buckets],
    });
  }

  /**
   * Collects memory, CPU, event loop lag and garbage collection of this process, under
   * prom-client's usual names.
   */
  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  #common<L extends string>({ help, labels = [] }: MetricOptions<L>) {
    return { help, labelNames: [...labels], registers: [this.registry] };
  }
}
