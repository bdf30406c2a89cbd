// The part "upgrade": every process is replaced under load, the new one beside the old one, as a rolling restart does.
import { setTimeout as pause } from 'node:timers/promises';
import { Front } from '../front.mjs';
import { countByStatus, Load } from '../load/load.mjs';
import { SandboxControl } from '../sandbox-control.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';

const ROLLED = ['api', 'worker', 'webhook', 'orders'];
/** Long enough that a stop in the middle of a submission is the usual case. */
const REPLY_AFTER_MS = 600;
/** What a deployment would give: the gateway's time-out, and time for storing. */
const PATIENT = {
  GATEWAY_TIMEOUT_MS: '8000',
  GATEWAY_INQUIRY_TIMEOUT_MS: '8000',
  JOB_LOCK_MS: '10000',
  STOP_LIMIT_MS: '9000',
};
const STOPS_WITHIN_MS = 15_000;
const BETWEEN_MS = 700;
const CONVERGES_WITHIN_MS = 120_000;

/** A payment in doubt was cut between its first byte and its stored reply: nothing else here leads there. */
const IN_DOUBT = `SELECT count(DISTINCT payment_id)::int AS count FROM payment_events WHERE status = 'in_doubt'`;

/** The gateway is slow with every reply, and settles some payments by callback. */
function slowGateway(stack, random) {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  return async (reference) => {
    const match = { reference };
    await sandbox.fault({ match, fault: 'delay_ms', ms: random.below(REPLY_AFTER_MS) });
    if (random.below(2) === 0) return;
    const settle = { order_status: '1', after_ms: REPLY_AFTER_MS + random.below(REPLY_AFTER_MS) };
    await sandbox.acquirer({ match, reply: '0', settle, times: 1 });
  };
}

/** One app's running processes, and the port in front of them where it has one. */
class Rolled {
  constructor(stack, name, front) {
    this.stack = stack;
    this.name = name;
    this.front = front;
    this.current = { process: stack.process(name), port: stack.setup.ports[name] };
  }

  /** The new one is ready before the old one is told to stop. Resolves with how the old one ended. */
  async roll() {
    const old = this.current;
    this.current = await this.stack.launchBeside(this.name);
    this.front?.leadTo([this.current]);
    const startedAt = Date.now();
    process.kill(old.process.pid, 'SIGTERM');
    const { code, signal } = await old.process.exited;
    return { name: this.name, code, signal, ms: Date.now() - startedAt };
  }
}

async function rollAll(rolled, { random, rounds, say }) {
  const ends = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of random.shuffled(rolled)) {
      say(`round ${round} of ${rounds}: ${one.name}`);
      await pause(BETWEEN_MS);
      ends.push(await one.roll());
    }
  }
  return ends;
}

function problemsWithEnds(ends) {
  return ends
    .filter(({ code, ms }) => code !== 0 || ms > STOPS_WITHIN_MS)
    .map(({ name, code, signal, ms }) => `${name} ended with ${signal ?? code} after ${ms} ms`);
}

const addressOf = ({ port }) => `http://127.0.0.1:${port}`;

/** @type {import('../part.mjs').Part} */
export async function upgradePart(context) {
  const { random, run, step, scale } = context;
  const fronts = {
    api: await Front.start([]),
    webhook: await Front.start([]),
    orders: await Front.start([]),
  };
  const extra = { ...PATIENT, PUBLIC_CALLBACK_URL: addressOf(fronts.webhook) };
  const stack = await startStack(context, { prefix: 'upgrade', extra });
  for (const [name, front] of Object.entries(fronts))
    front.leadTo([{ port: stack.setup.ports[name] }]);
  const rolled = ROLLED.map((name) => new Rolled(stack, name, fronts[name]));
  const moved = { api: addressOf(fronts.api), orders: addressOf(fronts.orders) };
  const before = slowGateway(stack, random);
  const load = new Load(stack, { prefix: `upgrade-${run}`, callers: 6, moved, before }).start();
  const ends = await step('upgrade', (say) =>
    rollAll(rolled, { random, rounds: scale.rounds, say }),
  );
  await load.stop();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  const [{ count }] = await stack.query(IN_DOUBT);
  if (count > 0) problems.push(`${count} payments were cut between first byte and stored reply`);
  for (const one of rolled) await one.current.process.stop();
  await stack.stop();
  await Promise.all(Object.values(fronts).map((front) => front.close()));
  problems.push(...problemsWithEnds(ends));
  const longest = Math.max(...ends.map(({ ms }) => ms));
  const head = ['replaced', 'payments', 'first answers', 'ended', 'longest stop', 'result'];
  const row = [
    `${ends.length} processes`,
    verdicts.length,
    load.answers(),
    countByStatus(verdicts),
  ];
  const table = markdownTable(head, [[...row, `${longest} ms`, problems.join('; ') || 'ok']]);
  return { table, checks: [{ name: 'rolling restart', problems }] };
}
