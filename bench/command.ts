// The benchmark from start to end: servers, contestants, rounds, single payments, figures.
import { memoryMb } from '../test/support/process-figures.js';
import type { Session } from '../tools/processes/session.js';
import { buildAll } from '../tools/build.js';
import { ownDataFolder } from '../tools/stack/owner.js';
import { heading, step, tell } from '../tools/terminal/progress.mjs';
import { startByHand } from './by-hand/start.js';
import { contestantFigures, overheadFigures, ratios } from './figures.js';
import { startGuarded } from './guarded/contestant.js';
import { startLoadGenerator } from './load/load.js';
import { scriptAcquirer } from './load/payment.js';
import { describeMachine } from './machine.js';
import { readOptions, type BenchOptions } from './options.js';
import { prepareProfiles } from './profile.js';
import { compilePrograms } from './programs.js';
import { startQuittance } from './quittance/contestant.js';
import { alternate, warmUp } from './rounds.js';
import { startServers } from './servers.js';
import { figureRows, verdicts } from './table.js';

/** Single payments before the compared ones, so that neither side pays for a first connection. */
const CALLS_WARM_UP = 20;

/** Starts everything and measures it. */
async function measure(session: Session, options: BenchOptions) {
  const { payments, connections, rounds, calls } = options;
  await buildAll();
  await compilePrograms();
  const machine = describeMachine();
  const profiles = await prepareProfiles(options.profile ?? []);
  const servers = await startServers(session, profiles.withStatements);
  const { environmentOf } = profiles;
  const { gateway, sandbox, ...quittance } = await startQuittance(session, servers, environmentOf);
  await scriptAcquirer(gateway.url);
  const setting = { servers, gateway, environmentOf };
  const bare = await startByHand('bare', session, setting);
  const guarded = options.guarded ? [await startGuarded(session, setting)] : [];
  const contestants = [bare, ...guarded, quittance];
  const load = startLoadGenerator();
  // Without the processes of the idle contestants: what they cost meanwhile is not counted.
  const shared = [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
    sandbox,
    { name: 'load', pid: load.pid },
  ];
  const run = { options, load, shared };
  await step('warm-up', (say) => warmUp(run, contestants, say));
  await profiles.start(servers.postgres.url);
  const results = await step('rounds', (say) => alternate(run, contestants, say));
  await profiles.stop(servers.postgres.url);
  const { waitMs, gatewayMs } = await step('single calls', async (say) => {
    say(`${calls} waiting payments, ${calls} bare gateway calls`);
    const { url, apiKey, ended } = quittance;
    const compare = (count: number, tag: string) =>
      Promise.race([load.compareCalls({ url, apiKey, gateway, count, tag }), ended]);
    await compare(CALLS_WARM_UP, 'warm');
    return compare(calls, 'counted');
  });
  const figures: Record<string, object> = {};
  for (const { name, processes, moreFigures } of [quittance, bare, ...guarded]) {
    const measured = [...processes, ...(name === 'quittance' ? shared : [])];
    const memory = measured.map((one) => [one.name, memoryMb(one.pid, one)] as const);
    const ofRounds = contestantFigures(results.get(name) ?? []);
    const memory_mb = Object.fromEntries(memory);
    figures[name] = { ...ofRounds, memory_mb, ...(await moreFigures?.()) };
  }
  const overhead = overheadFigures(waitMs, gatewayMs);
  return { payments, connections, rounds, machine, ...figures, overhead, ...ratios(results) };
}

/** `npm run bench`. */
export async function bench(session: Session, args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return;
  heading('Benchmark');
  await ownDataFolder();
  const figures = await measure(session, options);
  console.table(figureRows(figures, ['quittance', 'bare', 'guarded']));
  console.table(verdicts(figures));
  await session.stop();
  if (options.json) tell(JSON.stringify(figures));
}
