// Runs the rounds: one contestant works, the others are idle, then they change. Short rounds in
// turn, so that whatever else happens on the machine hits all.
import { setTimeout as pause } from 'node:timers/promises';
import { onDatabase } from '@quittance/databases';
import { Problem } from '../tools/terminal/problem.mjs';
import type { Contestant, MeasuredProcess } from './contestants/contestant.js';
import type { Round } from './figures/summary.js';
import type { LoadGenerator } from './load/start-load-generator.js';
import { cpuMs, processState } from './machine/process-figures.js';

/** What all rounds have in common; `shared` are the processes that all contestants work with. */
export interface Bench {
  readonly load: LoadGenerator;
  readonly shared: readonly MeasuredProcess[];
  readonly connections: number;
  beforeRound?(contestant: Contestant): Promise<void>;
  afterRound?(contestant: Contestant): Promise<void>;
}

/** Rare, because a count reads all orders; when the last event was stored is read from its row. */
const POLL_MS = 1_000;
/**
 * A payment that is not done by then has been lost or waits for an inquiry, and the run is worth
 * nothing.
 */
const STRAGGLER_LIMIT_MS = 60_000;

const cpuOfOne = ({ pid, family }: MeasuredProcess) => cpuMs(pid, { family: family === true });

/** CPU milliseconds so far of each process. */
function cpuOf(processes: readonly MeasuredProcess[]): Map<string, number> {
  return new Map(processes.map((one) => [one.name, cpuOfOne(one)]));
}

const countFinal = (contestant: Contestant): Promise<number> =>
  onDatabase(contestant.ordersDatabaseUrl, (client) => contestant.countFinal(client));

async function untilAllStored(contestant: Contestant, wanted: number): Promise<void> {
  const deadline = Date.now() + STRAGGLER_LIMIT_MS;
  await onDatabase(contestant.ordersDatabaseUrl, async (client) => {
    for (;;) {
      const missing = wanted - (await contestant.countFinal(client));
      if (missing <= 0) return;
      if (Date.now() > deadline) {
        throw new Problem(`${contestant.name}: ${missing} payments did not reach the order domain`);
      }
      await pause(POLL_MS);
    }
  });
}

/** One round of one contestant. */
async function runRound(
  { load, shared, connections }: Bench,
  contestant: Contestant,
  { count, tag }: { count: number; tag: string },
): Promise<Round> {
  const processes = [...contestant.processes, ...shared];
  const { url, path, headers } = contestant;
  const before = await countFinal(contestant);
  const cpuBefore = cpuOf(processes);
  const intake = await Promise.race([
    load.intake({ url, path, headers, connections, count, tag }),
    contestant.ended,
  ]);
  await Promise.race([untilAllStored(contestant, before + count), contestant.ended]);
  const cpuAfter = cpuOf(processes);
  const times = await contestant.readTimes(intake.startedAt);
  const lastStoredAt = Math.max(...times.map(({ storedAt }) => storedAt));
  const spent = processes.map(({ name }) => [
    name,
    (cpuAfter.get(name) ?? 0) - (cpuBefore.get(name) ?? 0),
  ]);
  return {
    count,
    intakeMs: intake.durationMs,
    intakeLatenciesMs: intake.latenciesMs,
    endToEndMs: lastStoredAt - intake.startedAt,
    storedAfterMs: times.map(({ acceptedAt, storedAt }) => storedAt - acceptedAt),
    cpuMs: Object.fromEntries(spent) as Record<string, number>,
  };
}

/**
 * A process that stands still, or runs in a circle, shows in its state and in the CPU time it took.
 */
function withStates(error: Error, processes: readonly MeasuredProcess[]): Problem {
  const states = processes.map((one) => `${one.name} ${processState(one.pid)} ${cpuOfOne(one)} ms`);
  return new Problem(`${error.message} (${states.join(', ')})`, { cause: error });
}

/** How much each contestant works; `payments` are spread over the rounds. */
export interface Plan {
  readonly warmUp: number;
  readonly payments: number;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

/**
 * Alternates: forwards through the contestants, then backwards, and so on, so that none always has
 * the warmer machine.
 */
export async function alternate(
  bench: Bench,
  contestants: readonly Contestant[],
  { warmUp, payments, rounds, say }: Plan,
): Promise<Map<string, Round[]>> {
  const results = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]));
  for (const contestant of contestants) {
    say(`warming up ${contestant.name}`);
    await runRound(bench, contestant, { count: warmUp, tag: `${contestant.name}-warm` });
  }
  const count = Math.ceil(payments / rounds);
  for (let round = 1; round <= rounds; round += 1) {
    const order = round % 2 === 1 ? contestants : contestants.toReversed();
    for (const contestant of order) {
      say(`round ${round} of ${rounds}, ${contestant.name}`);
      await bench.beforeRound?.(contestant);
      const tag = `${contestant.name}-${round}`;
      const result = await runRound(bench, contestant, { count, tag }).catch((error: Error) => {
        throw withStates(error, [...contestant.processes, ...bench.shared]);
      });
      await bench.afterRound?.(contestant);
      results.get(contestant.name)?.push(result);
    }
  }
  return results;
}
