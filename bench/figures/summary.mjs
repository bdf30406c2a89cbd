// From the rounds' raw times to the figures that are shown and compared.
import { median, p50AndP99, percentile, rounded } from './percentiles.mjs';

const MS_PER_SECOND = 1000;
const sum = (values) => values.reduce((total, value) => total + value, 0);
const perSecond = ({ count }, ms) => (count / ms) * MS_PER_SECOND;
const endToEndRate = (round) => perSecond(round, round.endToEndMs);

/** CPU milliseconds per payment of each process, and of all together. */
function cpuPerPayment(rounds) {
  const payments = sum(rounds.map(({ count }) => count));
  const names = Object.keys(rounds[0].cpuMs);
  const each = names.map((name) => [name, sum(rounds.map(({ cpuMs }) => cpuMs[name])) / payments]);
  const total = sum(each.map(([, ms]) => ms));
  return Object.fromEntries(
    [...each, ['total', total]].map(([name, ms]) => [name, rounded(ms, 3)]),
  );
}

/**
 * The figures of one contestant.
 * @param {object[]} rounds of `runRound`
 */
export function contestantFigures(rounds) {
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
 * How Quittance does beside another contestant: the median over the pairs of rounds of end to end per second, and of CPU.
 * @returns {{ ratio: number, cpu_ratio: number }}
 */
export function ratios(quittance, other) {
  const cpu = ({ cpuMs, count }) => sum(Object.values(cpuMs)) / count;
  const ofPairs = (figure) => median(quittance.map((round, i) => figure(round) / figure(other[i])));
  return { ratio: rounded(ofPairs(endToEndRate), 3), cpu_ratio: rounded(ofPairs(cpu), 3) };
}

/**
 * The ratios of one run: to the plain version, and to the guarded one where it took part.
 * @param {Map<string, object[]>} rounds by contestant
 */
export function allRatios(rounds) {
  const quittance = rounds.get('quittance');
  const toBare = ratios(quittance, rounds.get('bare'));
  if (!rounds.has('guarded')) return toBare;
  const { ratio, cpu_ratio } = ratios(quittance, rounds.get('guarded'));
  return { ...toBare, ratio_to_guarded: ratio, cpu_ratio_to_guarded: cpu_ratio };
}

/**
 * What Quittance adds to one payment: the difference between the percentiles of the two kinds of call.
 * @param {{ waitMs: number[], gatewayMs: number[] }} calls of `compareCalls`
 */
export function overheadFigures({ waitMs, gatewayMs }) {
  const added = (percent) => percentile(waitMs, percent) - percentile(gatewayMs, percent);
  return {
    p50_ms: rounded(added(50)),
    p99_ms: rounded(added(99)),
    payments: waitMs.length,
    prefer_wait: p50AndP99(waitMs),
    bare_gateway_call: p50AndP99(gatewayMs),
  };
}
