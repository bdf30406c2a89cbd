// `npm run bench -- waiting`: the milliseconds of each hop of a waiting payment on an idle machine,
// from the traces that the processes write.
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { SandboxControl } from '../../test/chaos/sandbox-control.js';
import { eventually } from '../../test/support/eventually.js';
import { wholeNumber } from '../../test/support/options.js';
import { TraceCollector } from '../../test/support/trace-collector.js';
import { buildAll } from '../../tools/build.js';
import type { Session } from '../../tools/processes/session.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { mean, overheadFigures, percentile, rounded } from '../figures.js';
import { Floor } from '../load/floor.js';
import { compareCalls, offer } from '../load/offer.js';
import { ACQUIRER_SCRIPTS } from '../load/payment.js';
import { startProcesses } from '../processes.js';
import { startQuittance } from '../quittance/contestant.js';
import { startServers } from '../servers.js';
import { hopsOf, type Hops } from './hops.js';

/** The SDK sends every five seconds. */
const ARRIVAL = { limitMs: 30_000, everyMs: 500 };

/** `npm run bench -- waiting`. */
export async function benchWaiting(session: Session, args: readonly string[]): Promise<void> {
  const { calls: count, warmUp } = new Command('npm run bench -- waiting')
    .option('--calls <n>', 'payments, one at a time', wholeNumber(1), 300)
    .option('--warm-up <n>', 'payments before anything counts', wholeNumber(1), 3_000)
    .showHelpAfterError()
    .parse([...args], { from: 'user' })
    .opts<Record<'calls' | 'warmUp', number>>();
  heading('Benchmark of a waiting payment');
  await ownDataFolder();
  await buildAll();
  const servers = await startServers(session, false);
  const collector = await new TraceCollector().start();
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const { quittance, gateway } = await startQuittance(session, servers, settings);
  const control = new SandboxControl(gateway.url);
  for (const script of ACQUIRER_SCRIPTS) await control.acquirer(script);
  const floor = await Floor.open(servers);
  const byHand = await startProcesses('waiting', { ...servers, gateway });
  const traceIds = new Map<number, string>();
  const traceparent = (index: number) => {
    const id = randomBytes(16).toString('hex');
    traceIds.set(index, id);
    return `00-${id}-00f067aa0ba902b7-01`;
  };
  // Code that has not run some thousand times costs a multiple.
  await step('warm-up', async () => {
    for (const target of [quittance, byHand])
      await offer(target, { count: warmUp, connections: 16, tag: 'warm' });
  });
  const calls = await step('calls', () =>
    compareCalls(quittance, { gateway, floor, byHand, count, traceparent }),
  );
  const hops = await step('traces', () =>
    eventually(() => {
      const spans = collector.spans();
      const spansOf = (at: number) => spans.filter(({ traceId }) => traceId === traceIds.get(at));
      return calls.map((call, at) => hopsOf(spansOf(at), call));
    }, ARRIVAL),
  );
  await floor.close();
  await session.stop();
  await collector.stop();
  console.table(figuresOf(hops));
  tell(JSON.stringify({ hops: figuresOf(hops), overhead: overheadFigures(calls) }));
}

function figuresOf(payments: readonly Hops[]) {
  const rows = Object.keys(payments[0] ?? {}).map((hop) => {
    const times = payments.map((hops) => hops[hop] ?? 0);
    const figures = {
      mean_ms: mean(times),
      p50_ms: percentile(times, 50),
      p95_ms: percentile(times, 95),
    };
    return [
      hop,
      Object.fromEntries(Object.entries(figures).map(([name, ms]) => [name, rounded(ms, 2)])),
    ];
  });
  return Object.fromEntries(rows) as Record<string, object>;
}
