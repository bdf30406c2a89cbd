// From the rounds' raw times to the figures that are shown and compared.
import { median, p50AndP99, percentile, rounded, type Percentiles } from './percentiles.js';

/** What one round of one contestant measured. */
export interface Round {
  readonly count: number;
  readonly intakeMs: number;
  readonly intakeLatenciesMs: readonly number[];
  /** From the first request until the last payment's final event is stored. */
  readonly endToEndMs: number;
  readonly storedAfterMs: readonly number[];
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** Rounds by contestant. */
export type Rounds = ReadonlyMap<string, readonly Round[]>;

/** The figures of one contestant over all its rounds. */
export interface ContestantFigures {
  readonly intake: Percentiles & { readonly per_second: number };
  readonly end_to_end: Percentiles & {
    readonly per_second: number;
    readonly rounds_per_second: readonly number[];
  };
  readonly cpu_ms_per_payment: Readonly<Record<string, number>>;
}

/** Quittance beside the others, as far as they took part. */
export interface Ratios {
  readonly ratio: number;
  readonly cpu_ratio: number;
  readonly ratio_to_guarded?: number;
  readonly cpu_ratio_to_guarded?: number;
}

/** Times of single payments, in pairs. */
export interface SingleCalls {
  readonly waitMs: readonly number[];
  readonly gatewayMs: readonly number[];
}

/** What Quittance adds to one payment, and the two times it is the difference of. */
export interface Overhead extends Percentiles {
  readonly payments: number;
  readonly prefer_wait: Percentiles;
  readonly bare_gateway_call: Percentiles;
}

const MS_PER_SECOND = 1000;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const perSecond = ({ count }: Round, ms: number) => (count / ms) * MS_PER_SECOND;
const endToEndRate = (round: Round) => perSecond(round, round.endToEndMs);

/** CPU milliseconds per payment of each process, and of all together. */
function cpuPerPayment(rounds: readonly Round[]): Record<string, number> {
  const payments = sum(rounds.map(({ count }) => count));
  const names = Object.keys(rounds[0]?.cpuMs ?? {});
  const each = names.map((name) => {
    const spent = sum(rounds.map(({ cpuMs }) => cpuMs[name] ?? 0));
    return [name, spent / payments] as const;
  });
  const total = sum(each.map(([, ms]) => ms));
  return Object.fromEntries(
    [...each, ['total', total] as const].map(([name, ms]) => [name, rounded(ms, 3)]),
  );
}

/** The figures of one contestant. */
export function contestantFigures(rounds: readonly Round[]): ContestantFigures {
  const rates = rounds.map(endToEndRate);
  return {
    intake: {
      per_second: rounded(median(rounds.map((round) => perSecond(round, round.intakeMs)))),
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
 * How Quittance does beside another contestant: the median over the pairs of rounds of end to end
 * per second, and of CPU.
 */
export function ratios(quittance: readonly Round[], other: readonly Round[]): Ratios {
  const cpu = ({ cpuMs, count }: Round) => sum(Object.values(cpuMs)) / count;
  const pairs = quittance.flatMap((round, i) =>
    other.slice(i, i + 1).map((beside) => [round, beside] as const),
  );
  const ofPairs = (figure: (round: Round) => number) =>
    median(pairs.map(([round, beside]) => figure(round) / figure(beside)));
  return { ratio: rounded(ofPairs(endToEndRate), 3), cpu_ratio: rounded(ofPairs(cpu), 3) };
}

/** The ratios of one run: to the plain version, and to the guarded one where it took part. */
export function allRatios(rounds: Rounds): Ratios {
  const quittance = rounds.get('quittance') ?? [];
  const toBare = ratios(quittance, rounds.get('bare') ?? []);
  const guarded = rounds.get('guarded');
  if (guarded === undefined) return toBare;
  const { ratio, cpu_ratio } = ratios(quittance, guarded);
  return { ...toBare, ratio_to_guarded: ratio, cpu_ratio_to_guarded: cpu_ratio };
}

/**
 * What Quittance adds to one payment: the difference between the percentiles of the two kinds of
 * call.
 */
export function overheadFigures({ waitMs, gatewayMs }: SingleCalls): Overhead {
  const added = (percent: number) => percentile(waitMs, percent) - percentile(gatewayMs, percent);
  return {
    p50_ms: rounded(added(50)),
    p99_ms: rounded(added(99)),
    payments: waitMs.length,
    prefer_wait: p50AndP99(waitMs),
    bare_gateway_call: p50AndP99(gatewayMs),
  };
}
