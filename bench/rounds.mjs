// Runs the rounds: one contestant works, the others are idle, then they change. Short rounds in turn, so that whatever
// else happens on the machine hits all.
import { setTimeout as pause } from 'node:timers/promises';
import { onDatabase } from '../tools/database/databases.mjs';
import { Problem } from '../tools/terminal/problem.mjs';
import { cpuMs, processState } from './machine/process-figures.mjs';

/** Rare, because a count reads all orders; when the last event was stored is read from its row. */
const POLL_MS = 1_000;
/** A payment that is not done by then has been lost or waits for an inquiry, and the run is worth nothing. */
const STRAGGLER_LIMIT_MS = 60_000;

/** CPU milliseconds so far of each process. */
function cpuOf(processes) {
  return new Map(processes.map(({ name, pid, family }) => [name, cpuMs(pid, { family })]));
}

async function countFinal(contestant) {
  const { rows } = await onDatabase(contestant.ordersDatabaseUrl, contestant.countFinal);
  return rows[0].count;
}

async function untilAllStored(contestant, wanted) {
  const deadline = Date.now() + STRAGGLER_LIMIT_MS;
  await onDatabase(contestant.ordersDatabaseUrl, async (client) => {
    for (;;) {
      const { rows } = await contestant.countFinal(client);
      const missing = wanted - rows[0].count;
      if (missing <= 0) return;
      if (Date.now() > deadline) {
        throw new Problem(`${contestant.name}: ${missing} payments did not reach the order domain`);
      }
      await pause(POLL_MS);
    }
  });
}

/**
 * One round of one contestant. A contestant has a `name`, `url`, `path` and `headers` of its intake, its `processes`
 * (`{ name, pid, family? }`), `ordersDatabaseUrl` and `countFinal(client)` for the payments whose final event is stored,
 * `readTimes(since)` for `{ acceptedAt, storedAt }[]` of those stored since, and `ended`, which rejects when a process ends.
 * @param {{ load: object, shared: object[], connections: number }} bench `shared` are the processes all work with
 * @returns {Promise<{ count: number, intakeMs: number, intakeLatenciesMs: number[], endToEndMs: number, storedAfterMs: number[],
 *   cpuMs: Record<string, number> }>}
 */
export async function runRound({ load, shared, connections }, contestant, { count, tag }) {
  const processes = [...contestant.processes, ...shared];
  const { url, path, headers } = contestant;
  const before = await countFinal(contestant);
  const cpuBefore = cpuOf(processes);
  const intake = await Promise.race([
    load.run('intake', { url, path, headers, connections, count, tag }),
    contestant.ended,
  ]);
  await Promise.race([untilAllStored(contestant, before + count), contestant.ended]);
  const cpuAfter = cpuOf(processes);
  const times = await contestant.readTimes(intake.startedAt);
  const lastStoredAt = Math.max(...times.map(({ storedAt }) => storedAt));
  const spent = processes.map(({ name }) => [name, cpuAfter.get(name) - cpuBefore.get(name)]);
  return {
    count,
    intakeMs: intake.durationMs,
    intakeLatenciesMs: intake.latenciesMs,
    endToEndMs: lastStoredAt - intake.startedAt,
    storedAfterMs: times.map(({ acceptedAt, storedAt }) => storedAt - acceptedAt),
    cpuMs: Object.fromEntries(spent),
  };
}

/** A process that stands still, or runs in a circle, shows in its state and in the CPU time it took. */
function withStates(error, processes) {
  const states = processes.map(
    ({ name, pid, family }) => `${name} ${processState(pid)} ${cpuMs(pid, { family })} ms`,
  );
  return new Problem(`${error.message} (${states.join(', ')})`, { cause: error });
}

/**
 * Alternates: forwards through the contestants, then backwards, and so on, so that none always has the warmer machine.
 * @param {{ warmUp: number, payments: number, rounds: number, say: (text: string) => void }} plan `payments` of each contestant,
 *   spread over the rounds
 * @returns {Promise<Map<string, object[]>>} rounds by contestant
 */
export async function alternate(bench, contestants, { warmUp, payments, rounds, say }) {
  const results = new Map(contestants.map(({ name }) => [name, []]));
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
      const result = await runRound(bench, contestant, { count, tag }).catch((error) => {
        throw withStates(error, [...contestant.processes, ...bench.shared]);
      });
      await bench.afterRound?.(contestant);
      results.get(contestant.name).push(result);
    }
  }
  return results;
}
