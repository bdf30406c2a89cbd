// The part "lies": every fault of the gateway, each alone and all mixed among honest answers. Every payment must agree with
// the gateway's book in the end, or stand in doubt with its reason and its next step.
import { Oracle } from '../oracle/oracle.ts';
import { Caller } from '../payments.ts';
import { countByStatus } from '../load/load.mjs';
import { SandboxControl } from '../sandbox-control.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { inParallel } from '../waiting.ts';
import { CONNECTION_REFUSED, LIES } from './lies.mjs';
import { sendAndFollow } from './send.mjs';

const FAULTY_SHARE = 0.05;
const ALONE_SHARE = 0.2;
/** Most of them only wait for their next question. */
const UNDER_WAY = 200;
const REFUSES_FOR_MS = 400;

const UNEXPLAINED = `
SELECT reference FROM payment_intents
WHERE status = 'in_doubt' AND (doubt_reason IS NULL OR next_step_at IS NULL)`;
const FAILED_BY_TIMER = `
SELECT p.reference FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
WHERE e.status = 'failed' AND e.cause = 'sweeper'`;

/** Each lie as often as the others, and honest payments with a lie in twenty of them. */
function plan({ lies, payments }, random) {
  const alone = lies.flatMap((lie) => {
    const count = Math.max(1, Math.round((payments * ALONE_SHARE) / lies.length));
    return Array.from({ length: count }, () => ({ lie, group: 'alone' }));
  });
  const mixed = Array.from({ length: Math.max(0, payments - alone.length) }, () => ({
    lie: random.next() < FAULTY_SHARE ? random.pick(lies) : undefined,
    group: 'mixed',
  }));
  return [...random.shuffled(alone), ...mixed];
}

async function lookInside(stack) {
  const [unexplained, byTimer] = [
    await stack.query(UNEXPLAINED),
    await stack.query(FAILED_BY_TIMER),
  ];
  return [
    ...unexplained.map(
      ({ reference }) => `${reference} is in doubt without a reason or a next step`,
    ),
    ...byTimer.map(({ reference }) => `${reference} was failed by a timer`),
  ];
}

function byLie(results) {
  const names = [...new Set(results.map(({ lie }) => lie))].toSorted((one, other) =>
    one.localeCompare(other),
  );
  return names.map((name) => [name, results.filter(({ lie }) => lie === name)]);
}

/** @type {import('../part.mjs').Part} */
export async function liesPart(context) {
  const { random, run, step, scale } = context;
  const stack = await startStack(context, { prefix: 'lies' });
  const { urls, apiKey } = stack;
  const parts = {
    caller: new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey }),
    oracle: new Oracle(urls),
    sandbox: new SandboxControl(urls.sandbox),
  };
  const lies = LIES.filter(({ watchedForMs = 0 }) => watchedForMs <= scale.watchedForMs);
  const planned = plan({ lies, payments: scale.payments }, random);
  const results = await step('lies', async (say) => {
    let ended = 0;
    return inParallel(planned, UNDER_WAY, async ({ lie, group }, at) => {
      const reference = `lies-${run}-${at}`;
      const result = await sendAndFollow(lie, reference, parts).catch((error) => ({
        lie: lie?.name ?? 'none',
        problems: [`${reference}: ${error.message}`],
      }));
      say(`${(ended += 1)} of ${planned.length} payments`);
      return { group, ...result };
    });
  });
  const refused = await step('refused', (say) => playRefused({ parts, random, run, scale, say }));
  const all = [...results, ...refused];
  const problems = [...problemsAtEnd(await judgeAgain(all, parts)), ...(await lookInside(stack))];
  await stack.stop();
  const rows = byLie(all).map(([lie, group]) => [
    lie,
    group.length,
    countByStatus(group),
    group.filter((one) => one.problems.length > 0).length,
  ]);
  const checks = byLie(all).map(([lie, group]) => ({
    name: lie,
    problems: group.flatMap((one) => one.problems.map((text) => `${one.reference ?? ''} ${text}`)),
  }));
  return {
    table: markdownTable(['the gateway', 'payments', 'ended', 'wrong'], rows),
    checks: [...checks, { name: 'at the end', problems }],
  };
}

/** Its port is closed again and again while payments come in: whatever was not sent is sent later, once. */
async function playRefused({ parts, random, run, scale, say }) {
  const count = Math.max(5, Math.round(scale.payments * 0.01));
  const references = Array.from({ length: count }, (_, at) => `refused-${run}-${at}`);
  return inParallel(references, 10, async (reference, at) => {
    if (random.below(5) === 0)
      await parts.sandbox.fault({ fault: 'refuse_connection', for_ms: REFUSES_FOR_MS });
    const result = await sendAndFollow(undefined, reference, parts);
    say(`${at + 1} of ${count} payments`);
    return { ...result, group: 'alone', lie: CONNECTION_REFUSED };
  });
}

function judgeAgain(results, { oracle }) {
  const judged = results.filter(({ reference }) => reference !== undefined);
  return inParallel(judged, 24, ({ reference }) => oracle.verdict(reference, 5_000));
}

function problemsAtEnd(verdicts) {
  return verdicts
    .flatMap(({ reference, problems }) => problems.map((text) => `${reference} ${text}`))
    .slice(0, 20);
}
