// Prometheus metrics of one process: its own registry (two apps in one test process must not share
// one), and helpers that give names one form.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The prefix of every name, so that one query finds all of our metrics. */
const PREFIX = 'quittance_';

/**
 * Seconds, from a cache hit to a long poll. A scrape of every route can bear twelve buckets per
 * series.
 */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30];

/**
 * Gauges of prom-client with the suffix of counters, which `promtool check metrics` rejects. The
 * same numbers are exported by type, without `_total`.
 */
const MISNAMED = ['handles', 'requests', 'resources'].map((kind) => `nodejs_active_${kind}_total`);

/**
 * A metric: `name` without prefix, unit last (`…_seconds`, `…_bytes`; counters end in `_total`).
 */
export interface MetricOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

/**
 * A counter's labels by name, or each with all of its values. Series of listed values exist from
 * the start, at 0: the growth of a series that appears with its first count is invisible to
 * `increase` and `rate`, and so is the first alert of a kind.
 */
export interface CounterOptions<L extends string> extends Omit<MetricOptions<L>, 'labels'> {
  readonly labels?: readonly L[] | Readonly<Record<L, readonly string[]>>;
}

/** The metrics of one process. */
export class Metrics {
  readonly registry = new Registry();

  /** Creates a metric that only grows. */
  counter<L extends string = never>({ labels = [], ...options }: CounterOptions<L>): Counter<L> {
    const names = (Array.isArray(labels) ? labels : Object.keys(labels)) as L[];
    const common = this.#common({ ...options, labels: names });
    const counter = new Counter<L>({ ...common, name: PREFIX + options.name });
    if (!Array.isArray(labels))
      for (const series of combinationsOf(labels as Record<L, readonly string[]>))
        counter.inc(series, 0);
    return counter;
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
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  #common<L extends string>({ help, labels = [] }: MetricOptions<L>) {
    return { help, labelNames: [...labels], registers: [this.registry] };
  }
}

/** Returns every combination of the labels' values. */
function combinationsOf<L extends string>(
  values: Readonly<Record<L, readonly string[]>>,
): Partial<Record<L, string>>[] {
  let made: Partial<Record<L, string>>[] = [{}];
  for (const [label, texts] of Object.entries<readonly string[]>(values))
    made = made.flatMap((series) => texts.map((text) => ({ ...series, [label]: text })));
  return made;
}
