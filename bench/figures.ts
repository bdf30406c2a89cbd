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

/** One waiting payment, and what it is compared with, made beside it. In milliseconds. */
export interface ComparedCall {
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly waitMs: number;
  /** A bare call to the gateway with the same encoded body. */
  readonly gatewayMs: number;
  /** The durable commits and round trips of `bench/load/floor.ts`. */
  readonly floorMs: number;
  /** The same way by hand (`bench/waiting/program.ts`), if it takes part. */
  readonly byHandMs?: number;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The nearest-rank percentile, a time that was really measured; `percent` is above 0. */
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

export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Rounded to so many digits after the point. */
export function rounded(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

const p50AndP99 = (valuesMs: readonly number[]) => ({
  p50_ms: rounded(percentile(valuesMs, 50)),
  p99_ms: rounded(percentile(valuesMs, 99)),
});

const intakeRate = ({ count, intakeMs }: Round) => (count / intakeMs) * 1000;
const endToEndRate = ({ count, endToEndMs }: Round) => (count / endToEndMs) * 1000;
const totalCpuMs = ({ cpuMs }: Round) => sum(Object.values(cpuMs));

/** The figures of one contestant over all its rounds. */
export function contestantFigures(rounds: readonly Round[]) {
  const rates = rounds.map(endToEndRate);
  const payments = sum(rounds.map(({ count }) => count));
  const cpu = (ms: (round: Round) => number) => rounded(sum(rounds.map(ms)) / payments, 3);
  const processes = Object.keys(rounds[0]?.cpuMs ?? {});
  const each = processes.map((name) => [name, cpu(({ cpuMs }) => cpuMs[name] ?? 0)]);
  return {
    intake: {
      per_second: rounded(median(rounds.map(intakeRate))),
      ...p50AndP99(rounds.flatMap(({ intakeLatenciesMs }) => intakeLatenciesMs)),
    },
    end_to_end: {
      per_second: rounded(median(rates)),
      rounds_per_second: rates.map((rate) => rounded(rate)),
      ...p50AndP99(rounds.flatMap(({ storedAfterMs }) => storedAfterMs)),
    },
    cpu_ms_per_payment: { ...Object.fromEntries(each), total: cpu(totalCpuMs) },
  };
}

/**
 * Compares Quittance with each other contestant: the median over the pairs of rounds of end to end
 * per second, and of CPU. The names of the ratios to another than `bare` end with its name.
 */
export function ratios(rounds: ReadonlyMap<string, readonly Round[]>): Record<string, number> {
  const own = rounds.get('quittance') ?? [];
  const others = [...rounds].filter(([name]) => name !== 'quittance');
  const figures = others.map(([name, theirs]) => {
    const ratio = (figure: (round: Round) => number) =>
      rounded(median(own.map((round, at) => figure(round) / figure(theirs[at]!))), 3);
    const suffix = name === 'bare' ? '' : `_to_${name}`;
    const cpu = ratio((round) => totalCpuMs(round) / round.count);
    return { [`ratio${suffix}`]: ratio(endToEndRate), [`cpu_ratio${suffix}`]: cpu };
  });
  return Object.assign({}, ...figures);
}

/** One caller's intake: payments one after another, and ten times as many in one batch. */
export function batchFigures(count: number, singleMs: number, batchMs: number) {
  const [single, batch] = [count / singleMs, (10 * count) / batchMs];
  const [single_per_second, per_second] = [rounded(single * 1000), rounded(batch * 1000)];
  return { single_per_second, per_second, ratio: rounded(batch / single, 2) };
}

/**
 * The time that Quittance adds to one payment, and its multiple of the floor: three durable
 * commits, two round trips to Redis and the gateway call itself, measured beside the payments.
 */
export function overheadFigures(calls: readonly ComparedCall[]) {
  const waitMs = calls.map((call) => call.waitMs);
  const gatewayMs = calls.map((call) => call.gatewayMs);
  const floorMs = calls.map((call) => call.floorMs);
  const added = (percent: number) => percentile(waitMs, percent) - percentile(gatewayMs, percent);
  const floor = median(floorMs) + median(gatewayMs);
  const byHandMs = calls.flatMap((call) => call.byHandMs ?? []);
  return {
    p50_ms: rounded(added(50)),
    p95_ms: rounded(added(95)),
    p99_ms: rounded(added(99)),
    to_floor: rounded(median(waitMs) / floor, 2),
    payments: calls.length,
    prefer_wait: p50AndP99(waitMs),
    bare_gateway_call: p50AndP99(gatewayMs),
    commits_and_round_trips: p50AndP99(floorMs),
    ...(byHandMs.length > 0 && {
      by_hand: p50AndP99(byHandMs),
      to_by_hand: rounded(median(waitMs) / median(byHandMs), 2),
      by_hand_to_floor: rounded(median(byHandMs) / floor, 2),
    }),
  };
}
