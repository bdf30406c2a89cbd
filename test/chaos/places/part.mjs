// The part "places": one terminal's gateway never answers. How much longer do another terminal's payments in the same lane take?
import { setTimeout as pause } from 'node:timers/promises';
import { Caller, paymentRequest } from '../payments.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { inParallel } from '../waiting.ts';
import { SilentGateway } from './silent-gateway.mjs';

const SILENT = 'enc-plain-cb';
/** Each payment of the terminal that is well is awaited to its end. */
const WELL_EVERY_MS = 500;
const SILENT_EVERY_MS = 125;
const AT_ONCE = 24;

/** As they are by default: a call is waited for much longer than another terminal may be held up. */
const TIMES = { GATEWAY_TIMEOUT_MS: '30000', JOB_LOCK_MS: '60000', STOP_LIMIT_MS: '35000' };

function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** How long one payment took from its request to its end, and what it became. */
async function pay({ urls, apiKey }, reference) {
  const startedAt = performance.now();
  const response = await fetch(`${urls.api}/v1/payment-intents`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      prefer: 'wait=30',
    },
    body: JSON.stringify(paymentRequest(reference, { sandboxUrl: urls.sandbox })),
  });
  const { status } = await response.json();
  return { reference, status, ms: performance.now() - startedAt };
}

/** Payments of the terminal that is well, one every half second. */
async function payWell(stack, { prefix, lastsMs }) {
  const payments = [];
  const endsAt = Date.now() + lastsMs;
  while (Date.now() < endsAt) {
    payments.push(pay(stack, `${prefix}-${payments.length}`));
    await pause(WELL_EVERY_MS);
  }
  return Promise.all(payments);
}

/** Payments of the silent terminal, one every eighth of a second, until told to stop. */
async function payInto(silence, { caller, prefix }) {
  let count = 0;
  while (!silence.isOver) {
    await caller.accept(`${prefix}-${count}`, { terminal: SILENT });
    count += 1;
    await pause(SILENT_EVERY_MS);
  }
}

async function play(stack, { name, prefix, ahead, lastsMs, gateway }) {
  const caller = Caller.of(stack);
  const references = Array.from({ length: ahead }, (_, at) => `${prefix}-silent-${at}`);
  const accept = (reference) => caller.accept(reference, { terminal: SILENT });
  await inParallel(references, AT_ONCE, accept);
  const silence = { isOver: ahead === 0 };
  const [well] = await Promise.all([
    payWell(stack, { prefix, lastsMs }).finally(() => (silence.isOver = true)),
    payInto(silence, { caller, prefix: `${prefix}-later` }),
  ]);
  const times = well.map(({ ms }) => ms);
  const unwell = well.filter(({ status }) => status !== 'succeeded');
  const problems = unwell.map(({ reference, status }) => `${reference} is ${status}`);
  const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  return {
    name,
    problems,
    p50,
    p95,
    row: [well.length, p50, p95, Math.max(...times)],
    open: gateway.open,
  };
}

/** @type {import('../part.mjs').Part} */
export async function placesPart(context) {
  const { run, step, scale } = context;
  const { places, lastsMs, atOnce, queued, delayedByMs } = scale.silent;
  const extra = { ...TIMES, SUBMISSION_CONCURRENCY: String(places) };
  const stack = await startStack({ ...context, lent: undefined }, { prefix: 'places', extra });
  const gateway = await SilentGateway.start();
  await stack.query('UPDATE terminals SET base_url = $1 WHERE name = $2', [gateway.url, SILENT]);
  const rounds = [
    { name: 'nobody', ahead: 0 },
    { name: `${atOnce} payments at once, then 8 a second`, ahead: atOnce },
    { name: `${queued} payments queued, then 8 a second`, ahead: queued },
  ];
  const results = [];
  for (const [at, round] of rounds.entries()) {
    results.push(
      await step('places', (say) => {
        say(round.name);
        return play(stack, { ...round, prefix: `places-${run}-${at}`, lastsMs, gateway });
      }),
    );
  }
  await gateway.close();
  await stack.stop();
  const [quiet] = results;
  for (const result of results.slice(1)) {
    const delayMs = result.p95 - quiet.p95;
    if (delayMs >= delayedByMs)
      result.problems.push(`others waited ${Math.round(delayMs)} ms longer at the 95th percentile`);
    if (result.open > places / 2)
      result.problems.push(`${result.open} calls were under way to the silent gateway`);
  }
  const twice = gateway.references.length - new Set(gateway.references).size;
  if (twice > 0) quiet.problems.push(`${twice} requests reached the silent gateway twice`);
  const head = [
    'silent beside them',
    'payments',
    'p50 ms',
    'p95 ms',
    'slowest ms',
    'unanswered at once',
    'result',
  ];
  const rows = results.map(({ name, row, open, problems }) => [
    name,
    ...row.map(Math.round),
    open,
    problems.join('; ') || 'ok',
  ]);
  const checks = results.map(({ name, problems }) => ({ name, problems }));
  return { table: markdownTable(head, rows), checks };
}
