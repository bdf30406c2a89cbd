// From the rounds' raw times to the figures that are shown and compared.

/** The measurements of one round of one contestant. */
export interface Round {
  readonly count: number;
  readonly intakeMs: number;
  readonly intakeLatenciesMs: readonly number[];
  /** From the first request until the last payment's final event is stored. */
  readonly endToEndMs: number;
  readonly storedAfterMs: readonly number[];
  /** By process. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/**
 * The nearest-rank percentile: a time that was really measured. `percent` is above 0, up to 100.
 */
export function percentile(values: readonly number[], percent: number): number {
  const value = values.toSorted((a, b) => a - b)[Math.ceil((percent / 100) * values.length) - 1];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const opposite = values.map((value) => -value);
  return (percentile(values, 50) - percentile(opposite, 50)) / 2;
}

/** Rounded to so many digits after the point. */
export function rounded(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

const p50AndP99 = (valuesMs: readonly number[]) => ({
  p50_ms: rounded(percentile(valuesMs, 50)),
  p99_ms: rounded(percentile(valuesMs, 99)),
});

const perSecond = (count: number, ms: number) => (count / ms) * 1000;
const endToEndRate = ({ count, endToEndMs }: Round) => perSecond(count, endToEndMs);

/** CPU milliseconds per payment of each process, and of all together. */
function cpuPerPayment(rounds: readonly Round[]): Record<string, number> {
  const payments = sum(rounds.map(({ count }) => count));
  const figure = (ms: readonly number[]) => rounded(sum(ms) / payments, 3);
  const names = Object.keys(rounds[0]?.cpuMs ?? {});
  const each = names.map((name) => [name, figure(rounds.map(({ cpuMs }) => cpuMs[name] ?? 0))]);
  const total = figure(rounds.flatMap(({ cpuMs }) => Object.values(cpuMs)));
  return Object.fromEntries([...each, ['total', total]]);
}

/** The figures of one contestant over all its rounds. */
export function contestantFigures(rounds: readonly Round[]) {
  const intakeRates = rounds.map(({ count, intakeMs }) => perSecond(count, intakeMs));
  const rates = rounds.map(endToEndRate);
  return {
    intake: {
      per_second: rounded(median(intakeRates)),
      ...p50AndP99(rounds.flatMap(({ intakeLatenciesMs }) => intakeLatenciesMs)),
    },
    end_to_end: {
      per_second: rounded(median(rates)),
      rounds_per_second: rates.map((rate) => rounded(rate)),
      ...p50AndP99(rounds.flatMap(({ storedAfterMs }) => storedAfterMs)),
    },
    cpu_ms_per_payment: cpuPerPayment(rounds),
  };
}

/**
 * Compares Quittance with each other contestant: the median over the pairs of rounds of end to end
 * per second, and of CPU. The names of the ratios to another than `bare` end with its name.
 */
export function ratios(rounds: ReadonlyMap<string, readonly Round[]>): Record<string, number> {
  const cpu = ({ cpuMs, count }: Round) => sum(Object.values(cpuMs)) / count;
  const figures: Record<string, number> = {};
  for (const [name, others] of rounds) {
    if (name === 'quittance') continue;
    const ratio = (figure: (round: Round) => number) => {
      const own = (rounds.get('quittance') ?? []).map(figure);
      return rounded(median(others.map((other, index) => (own[index] ?? 0) / figure(other))), 3);
    };
    const suffix = name === 'bare' ? '' : `_to_${name}`;
    figures[`ratio${suffix}`] = ratio(endToEndRate);
    figures[`cpu_ratio${suffix}`] = ratio(cpu);
  }
  return figures;
}

/**
 * The time that Quittance adds to one payment: the difference of the percentiles of the two kinds
 * of call.
 */
export function overheadFigures(waitMs: readonly number[], gatewayMs: readonly number[]) {
  const added = (percent: number) => percentile(waitMs, percent) - percentile(gatewayMs, percent);
  return {
    p50_ms: rounded(added(50)),
    p99_ms: rounded(added(99)),
    payments: waitMs.length,
    prefer_wait: p50AndP99(waitMs),
    bare_gateway_call: p50AndP99(gatewayMs),
  };
}
