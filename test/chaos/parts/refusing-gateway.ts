// The part "refuses": the gateway refuses connections while payments arrive. It counts what each
// payment costs meanwhile, and how long payments still wait once the gateway is back, without
// circuit breakers and with them.
import { setTimeout as pause } from 'node:timers/promises';
import {
  inSeconds,
  resultOf,
  startStack,
  stopStack,
  type Context,
  type PartResult,
  type Row,
} from '../part.js';
import { Caller } from '../payments.js';
import { SandboxControl } from '../sandbox-control.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { inParallel, until } from '../waiting.js';

const PAYMENT_EVERY_MS = 250;
const REFUSES_FOR_MS = 180_000;
const SHORT_REFUSES_FOR_MS = 8_000;
/** A retry waits for a minute at most. */
const ENDS_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 500;
const LEDGERS_AT_ONCE = 8;
/** With a breaker; without one each payment has eight in three minutes. */
const ATTEMPTS_MAX = 2;

/** As in production. */
const BREAKERS = { GATEWAY_BREAKER_INQUIRY_MS: '5000' };
const NO_BREAKERS = { GATEWAY_BREAKER_FAILURES: '0' };

const COSTS = `
SELECT count(*)::int AS payments, count(*) FILTER (WHERE status <> 'succeeded')::int AS open,
  sum(epoch)::float8 / count(*) AS attempts,
  sum((SELECT count(*) FROM payment_events e WHERE e.payment_id = p.id))::float8 / count(*) AS events,
  EXTRACT(EPOCH FROM max(updated_at))::float8 * 1000 AS "lastAt"
FROM payment_intents p WHERE reference LIKE $1`;

interface Costs {
  readonly payments: number;
  readonly open: number;
  readonly attempts: number;
  readonly events: number;
  readonly lastAt: number;
}

interface Round {
  readonly name: string;
  readonly prefix: string;
  readonly refusesForMs: number;
}

/** Accepts payments until the gateway is back. Resolves with their references. */
async function acceptMeanwhile(
  stack: ChaosStack,
  { prefix, refusesForMs }: Round,
): Promise<string[]> {
  const caller = Caller.of(stack);
  const endsAt = Date.now() + refusesForMs;
  await new SandboxControl(stack.urls.sandbox).fault({
    fault: 'refuse_connection',
    for_ms: refusesForMs,
  });
  const accepted: Promise<string>[] = [];
  while (Date.now() < endsAt) {
    const reference = `${prefix}-${accepted.length}`;
    accepted.push(caller.accept(reference).then(() => reference));
    await pause(PAYMENT_EVERY_MS);
  }
  return Promise.all(accepted);
}

/** References that the gateway could have charged more or less often than once. */
async function chargedWrongly(stack: ChaosStack, references: readonly string[]): Promise<string[]> {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  const ledgers = await inParallel(references, LEDGERS_AT_ONCE, async (reference) => {
    const { data, received } = await sandbox.ledger(reference);
    const requests = received.filter((request) => request.could_charge).length;
    return data.length === 1 && requests === 1 ? [] : [`${reference}: ${requests} requests`];
  });
  return ledgers.flat();
}

async function playRound(stack: ChaosStack, round: Round): Promise<Row & Costs> {
  const references = await acceptMeanwhile(stack, round);
  const backAt = Date.now();
  const look = () => stack.row<Costs>(COSTS, [`${round.prefix}-%`]);
  const costs = await until(
    async () => {
      const found = await look();
      return found.open === 0 && found;
    },
    { what: 'every payment', limitMs: ENDS_WITHIN_MS, everyMs: LOOK_EVERY_MS },
  );
  const cells = [
    costs.payments,
    costs.attempts.toFixed(1),
    costs.events.toFixed(1),
    inSeconds(Math.max(0, costs.lastAt - backAt)),
  ];
  return { ...costs, name: round.name, cells, problems: await chargedWrongly(stack, references) };
}

export async function refusingGatewayPart(context: Context): Promise<PartResult> {
  const { run, step, scale } = context;
  const refusesForMs = scale.isShort ? SHORT_REFUSES_FOR_MS : REFUSES_FOR_MS;
  const stack = await startStack(context, { prefix: 'refuses' });
  const play = (name: string, prefix: string) =>
    step('refusing gateway', (say) => {
      say(name);
      return playRound(stack, { name, prefix: `refuses-${run}-${prefix}`, refusesForMs });
    });
  const rows: Row[] = [];
  if (!scale.isShort) {
    await stack.replace('worker', NO_BREAKERS);
    rows.push(await play('without breakers', 'without'));
  }
  await stack.replace('worker', BREAKERS);
  const held = await play('with breakers', 'with');
  const problems = [...held.problems];
  if (held.attempts > ATTEMPTS_MAX) problems.push(`${held.attempts} attempts a payment`);
  rows.push({ ...held, problems });
  await stack.replace('worker');
  await stopStack(context, stack);
  const head = ['worker', 'payments', 'attempts each', 'events each', 'last one ends after'];
  return resultOf(head, rows);
}
