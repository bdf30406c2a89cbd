// The benchmark from start to end: servers, contestants, rounds, single payments, figures.
import { cpus, loadavg, totalmem } from 'node:os';
import { SandboxControl } from '../test/chaos/sandbox-control.js';
import { memoryMb } from '../test/support/process-figures.js';
import type { Session } from '../tools/processes/session.js';
import { buildAll } from '../tools/build.js';
import { ownDataFolder } from '../tools/stack/owner.js';
import { heading, step, tell } from '../tools/terminal/progress.mjs';
import { benchBacklog } from './backlog/command.js';
import { capacityText, writeCapacity } from './capacity/document.js';
import { measureCapacity } from './capacity/measure.js';
import { checkCharges } from './charges.js';
import { OTHERS, startOthers } from './contestants.js';
import { batchFigures, contestantFigures, overheadFigures, ratios, rounded } from './figures.js';
import { measureNeighbours } from './lanes/neighbours.js';
import { Floor } from './load/floor.js';
import { compareCalls, offer, offerBatch } from './load/offer.js';
import { ACQUIRER_SCRIPTS } from './load/payment.js';
import { readOptions, type BenchOptions } from './options.js';
import { startQuittance } from './quittance/contestant.js';
import { benchOverview } from './overview/command.js';
import { benchRetention } from './retention/command.js';
import { benchScale } from './scale/command.js';
import { benchWaiting } from './waiting/command.js';
import { referencesOf, runRounds } from './rounds.js';
import { startServers } from './servers.js';
import { postgresWork, printStatements, resetStatements } from './statements.js';
import { figureRows, verdicts } from './table.js';

/** The machine that the figures were taken on: at a load above 0.5, something else is at work. */
const describeMachine = () => ({
  date: new Date().toISOString(),
  processors: cpus().length,
  model: cpus()[0]?.model ?? 'unknown',
  memory_gb: rounded(totalmem() / 1024 ** 3, 0),
  load_before: rounded(loadavg()[0] ?? 0, 2),
  node: process.versions.node,
});

/** Starts everything and measures it. */
async function measure(session: Session, options: BenchOptions) {
  const { payments, connections, rounds, calls, warmUp, statements } = options;
  await buildAll();
  const machine = describeMachine();
  const servers = await startServers(session, statements === true);
  const { quittance, gateway, sandbox } = await startQuittance(session, servers);
  const control = new SandboxControl(gateway.url);
  for (const script of ACQUIRER_SCRIPTS) await control.acquirer(script);
  const others = await startOthers(options, { ...servers, gateway });
  const contestants = [...others, quittance];
  // Without the processes of the idle contestants: what they cost meanwhile is not counted.
  const shared = [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
    sandbox,
    { name: 'load', pid: process.pid },
  ];
  const warm = { tag: 'warm', rounds: 1, count: warmUp, connections, shared };
  await step('warm-up', (say) => runRounds(contestants, warm, say));
  if (statements) await resetStatements(servers.postgres.url);
  const counted = { ...warm, tag: '', rounds, count: Math.ceil(payments / rounds) };
  const results = await step('rounds', (say) => runRounds(contestants, counted, say));
  if (statements) await printStatements(servers.postgres.url);
  // Read before the single calls, which are not counted.
  const work = new Map<string, object>();
  if (statements)
    for (const { name } of contestants)
      work.set(name, await postgresWork(servers.postgres.url, name, counted.count * rounds));
  const references = contestants.flatMap(({ name }) => referencesOf(name, counted));
  await checkCharges(control, references);
  const compared = await step('single calls', async (say) => {
    say(`${calls} waiting payments, ${calls} bare gateway calls`);
    const floor = await Floor.open(servers);
    try {
      const comparison = compareCalls(quittance, { gateway, floor, count: calls });
      return await Promise.race([comparison, quittance.ended]);
    } finally {
      await floor.close();
    }
  });
  const batch = await step('batch', async (say) => {
    say(`${calls} payments one after another, ${10 * calls} in one batch`);
    const single = await offer(quittance, { count: calls, connections: 1, tag: 'one' });
    const many = await offerBatch(quittance, 10 * calls);
    return batchFigures(calls, single.durationMs, many);
  });
  const figures: Record<string, object> = {};
  for (const { name, processes, moreFigures } of [quittance, ...others]) {
    const measured = [...processes, ...(name === 'quittance' ? shared : [])];
    const ofRounds = contestantFigures(results.get(name) ?? []);
    const memory_mb = Object.fromEntries(measured.map((one) => [one.name, memoryMb(one.pid, one)]));
    const postgres_per_payment = work.get(name);
    figures[name] = {
      ...ofRounds,
      memory_mb,
      ...(postgres_per_payment && { postgres_per_payment }),
      ...(await moreFigures?.()),
    };
  }
  const overhead = overheadFigures(compared);
  const common = { payments, connections, rounds, machine };
  return { ...common, ...figures, overhead, batch, ...ratios(results) };
}

/** `--capacity`: measures Quittance alone and writes the figures into docs/capacity.md. */
async function capacity(session: Session, options: BenchOptions): Promise<void> {
  await buildAll();
  const figures = await measureCapacity(session, options);
  await session.stop();
  await writeCapacity(figures);
  tell(options.json ? JSON.stringify(figures) : capacityText(figures));
}

/** `--lanes`: measures one merchant beside others in its lane. */
async function lanes(session: Session, backlog: number, options: BenchOptions): Promise<void> {
  await buildAll();
  const isUnreachable = options.unreachable === true;
  const figures = await measureNeighbours(session, { backlog, isUnreachable });
  const { alone, beside_silent, beside_backlog } = figures;
  console.table({ alone, beside_silent, beside_backlog });
  await session.stop();
  if (options.json) tell(JSON.stringify({ ...figures, machine: describeMachine() }));
}

/** `npm run bench`. */
export async function bench(session: Session, args: string[]): Promise<void> {
  if (args[0] === 'overview') return benchOverview(session, args.slice(1));
  if (args[0] === 'backlog') return benchBacklog(session, args.slice(1));
  if (args[0] === 'waiting') return benchWaiting(session, args.slice(1));
  if (args[0] === 'scale') return benchScale(session, args.slice(1));
  if (args[0] === 'retention') return benchRetention(session, args.slice(1));
  const options = readOptions(args);
  heading('Benchmark');
  await ownDataFolder();
  if (options.lanes !== undefined) return lanes(session, options.lanes, options);
  if (options.capacity) return capacity(session, options);
  const figures = await measure(session, options);
  console.table(figureRows(figures, ['quittance', ...OTHERS.map(({ name }) => name)]));
  console.table(verdicts(figures));
  await session.stop();
  if (options.json) tell(JSON.stringify(figures));
}
