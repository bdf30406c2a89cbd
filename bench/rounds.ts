// Runs the rounds: one contestant works while the others are idle, then they change. The rounds are
// short and alternate, so that other load on the machine meets all contestants.
import { eventually } from '../test/support/eventually.js';
import { cpuMs, processState } from '../test/support/process-figures.js';
import { Problem } from '../tools/terminal/problem.mjs';
import type { Contestant, MeasuredProcess } from './contestant.js';
import type { Round } from './figures.js';
import { offer } from './load/offer.js';
import { laterReference } from './load/payment.js';

/** Rounds of all contestants. */
export interface Rounds {
  /** Keeps the references of the payments apart from those of other rounds. */
  readonly tag: string;
  readonly rounds: number;
  /** Payments of a contestant in one round. */
  readonly count: number;
  readonly connections: number;
  /** The processes that all contestants work with. */
  readonly shared: readonly MeasuredProcess[];
}

/** A payment that is not final by then is lost or waits for an inquiry: the run is worthless. */
const STORING = { limitMs: 60_000, everyMs: 1_000 };

/** The tag of a contestant's payments in a round, counted from 1. */
const tagOf = (name: string, { tag }: Rounds, round: number) => `${name}-${tag}${round}`;

/** The references of all payments of a contestant. */
export function referencesOf(name: string, plan: Rounds): string[] {
  return Array.from({ length: plan.rounds * plan.count }, (_, at) =>
    laterReference(tagOf(name, plan, Math.floor(at / plan.count) + 1), at % plan.count),
  );
}

/** Runs one round. */
async function runRound(
  contestant: Contestant,
  processes: readonly MeasuredProcess[],
  { tag, count, connections }: Pick<Rounds, 'tag' | 'count' | 'connections'>,
): Promise<Round> {
  const { accepted, stored } = contestant;
  const cpuOfAll = () => processes.map((one) => cpuMs(one.pid, one));
  const cpuBefore = cpuOfAll();
  const payments = { tag, count, connections };
  const { startedAt, durationMs, latenciesMs } = await offer(contestant, payments);
  const since = new Date(startedAt);
  const storedAt = await eventually(async () => {
    const times = await stored(since);
    if (times.size === count) return times;
    throw new Problem(`${count - times.size} payments did not reach the order domain`);
  }, STORING);
  const spent = cpuOfAll().map((ms, index) => ms - (cpuBefore[index] ?? 0));
  const acceptedAt = await accepted(since);
  return {
    count,
    intakeMs: durationMs,
    intakeLatenciesMs: latenciesMs,
    endToEndMs: Math.max(...storedAt.values()) - startedAt,
    storedAfterMs: [...storedAt].map(([id, at]) => at - (acceptedAt.get(id) ?? at)),
    cpuMs: Object.fromEntries(processes.map((one, index) => [one.name, spent[index] ?? 0])),
  };
}

/**
 * Alternates forwards and backwards through the contestants, so that none always has the warmer
 * machine.
 * @returns the rounds of each contestant by its name
 */
export async function runRounds(
  contestants: readonly Contestant[],
  plan: Rounds,
  say: (text: string) => void,
): Promise<Map<string, Round[]>> {
  const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 1; round <= plan.rounds; round += 1)
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
      const { name, ended } = contestant;
      say(`round ${round} of ${plan.rounds}, ${name}`);
      const processes = [...contestant.processes, ...plan.shared];
      const work = runRound(contestant, processes, { ...plan, tag: tagOf(name, plan, round) });
      const result = await Promise.race([work, ended]).catch((cause: Error) => {
        // State and CPU time show if a process stands still or spins.
        const states = processes.map(
          (one) => `${one.name} ${processState(one.pid)} ${cpuMs(one.pid, one)} ms`,
        );
        throw new Problem(`${name}: ${cause.message} (${states.join(', ')})`, { cause });
      });
      results.get(name)?.push(result);
    }
  return results;
}
