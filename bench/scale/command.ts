// `npm run bench -- scale`: one, two and four workers on the same Postgres and Redis. With a quick
// gateway the processors are busy, and the CPU time of a payment shows the price of another worker.
// With a slow gateway the places of a worker are the limit, and the rate shows if they add up.
import { Command } from 'commander';
import { SandboxControl } from '../../test/chaos/sandbox-control.js';
import { wholeNumber } from '../../test/support/options.js';
import { buildAll } from '../../tools/build.js';
import type { Session } from '../../tools/processes/session.js';
import { untilReady } from '../../tools/processes/until-ready.js';
import { operate } from '../../tools/stack/operator.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { checkCharges } from '../charges.js';
import type { Contestant, MeasuredProcess } from '../contestant.js';
import { contestantFigures, rounded } from '../figures.js';
import { ACQUIRER_SCRIPTS } from '../load/payment.js';
import { startQuittance } from '../quittance/contestant.js';
import { referencesOf, runRounds, type Rounds } from '../rounds.js';
import { startServers } from '../servers.js';

const WORKERS = [1, 2, 4] as const;
/** Of the lane in each worker while the gateway is slow. A terminal alone gets half of them. */
const PLACES = '16';
const GATEWAY_MS = 400;
/** Payments for each worker while the gateway is slow: 12 seconds at most. */
const SLOW_PAYMENTS = 240;
const READY_WITHIN_MS = 120_000;
const PROBE_LIMIT_MS = 3_000;

type Started = Awaited<ReturnType<typeof startQuittance>>;

/** `npm run bench -- scale`. */
export async function benchScale(session: Session, args: readonly string[]): Promise<void> {
  const { payments, warmUp } = new Command('npm run bench -- scale')
    .option('--payments <n>', 'payments of a round with a quick gateway', wholeNumber(1), 3_000)
    .option('--warm-up <n>', 'payments before each of them', wholeNumber(1), 2_000)
    .showHelpAfterError()
    .parse([...args], { from: 'user' })
    .opts<Record<'payments' | 'warmUp', number>>();
  heading('Benchmark of several workers');
  await ownDataFolder();
  await buildAll();
  const servers = await startServers(session, false);
  const started = await startQuittance(session, servers);
  const control = new SandboxControl(started.gateway.url);
  for (const script of ACQUIRER_SCRIPTS) await control.acquirer(script);
  const shared = [
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
  ];
  const usual = { rounds: 1, connections: 64, shared };
  const plan = (tag: string, count: number): Rounds => ({ ...usual, tag, count });
  const workers = [started.stack.process('worker')!];
  const figures = new Map<number, object>();
  for (const count of WORKERS) {
    while (workers.length < count) workers.push(await anotherWorker(started));
    const contestant = withWorkers(started, workers);
    await measure(contestant, plan(`warm${count}`, warmUp));
    const busy = plan(`busy${count}`, payments);
    const { rate, cpu } = await measure(contestant, busy);
    await checkCharges(control, referencesOf(contestant.name, busy));
    figures.set(count, { busy_per_second: rate, ...cpu });
  }
  await operate(started.stack.setup, [['lanes', 'set', 'default', '--concurrency', PLACES]]);
  await control.fault({ fault: 'delay_ms', ms: GATEWAY_MS, times: 1_000_000 });
  for (const count of WORKERS.toReversed()) {
    while (workers.length > count) await workers.pop()?.stop();
    const contestant = withWorkers(started, workers);
    const slow = plan(`slow${count}`, SLOW_PAYMENTS * count);
    const { rate } = await measure(contestant, slow);
    await checkCharges(control, referencesOf(contestant.name, slow));
    const per_worker = rounded(rate / count);
    figures.set(count, { ...figures.get(count), slow_per_second: rate, per_worker });
  }
  await session.stop();
  console.table(Object.fromEntries(figures));
  tell(JSON.stringify(Object.fromEntries(figures)));
}

async function anotherWorker({ stack }: Started) {
  const { worker: port } = await anyPorts();
  const worker = stack.launch('worker', { WORKER_PORT: String(port) });
  const ask = async () => {
    const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal });
    if (!response.ok) throw new Error(await response.text());
  };
  await untilReady(worker, ask, READY_WITHIN_MS);
  return worker;
}

/** Quittance with these workers in place of its one. */
function withWorkers(
  { quittance }: Started,
  workers: readonly { readonly pid?: number | undefined }[],
): Contestant {
  const others = quittance.processes.filter(({ name }) => name !== 'worker');
  const own = workers.map(({ pid = 0 }, at): MeasuredProcess => ({ name: `worker${at + 1}`, pid }));
  return { ...quittance, processes: [...others, ...own] };
}

/** Resolves with the payments a second, and the CPU milliseconds of each by process. */
async function measure(contestant: Contestant, plan: Rounds) {
  const rounds = await step(plan.tag, (say) => runRounds([contestant], plan, say));
  const figures = contestantFigures(rounds.get(contestant.name) ?? []);
  const each: Readonly<Record<string, number>> = figures.cpu_ms_per_payment;
  const workers = Object.entries(each).filter(([name]) => name.startsWith('worker'));
  const sum = workers.reduce((total, [, ms]) => total + ms, 0);
  const { api = 0, webhook = 0, orders = 0, postgres = 0, redis = 0, total = 0 } = each;
  const cpu = { api, workers: rounded(sum, 2), webhook, orders, postgres, redis, total };
  return { rate: figures.end_to_end.per_second, cpu };
}
