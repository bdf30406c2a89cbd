// The half of the fuzz that plays the gateway.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../../tools/place.mjs';
import { memoryProblems } from '../oracles/memory.mjs';
import { storedProblems } from '../oracles/stored.mjs';
import { CallbackBuilder, untouched } from './build-callback.mjs';
import { endProblems } from './ends.mjs';
import { keptProblems, keptRows } from './kept.mjs';
import { CallbackTally, sendCallbacks, smallestCallback } from './send-callbacks.mjs';
import { blamedCallbacks } from './blame.mjs';
import { prepareSubjects } from './subjects.mjs';

const VAULT = pathToFileURL(join(root, 'dist', 'libs', 'vault', 'src', 'index.js')).href;
const WIRE = pathToFileURL(join(root, 'dist', 'libs', 'gateway-protocol', 'src', 'index.js')).href;
const WARM_UP_SHARE = 0.3;
const SHOWN_TIMES = 3;

/** Makes the token of a payment's address as the worker does. */
async function tokens({ setup }) {
  const { callbackToken, parseKeySet } = await import(VAULT);
  const keys = parseKeySet(readFileSync(join(setup.keyFolder, 'worker.json'), 'utf8'));
  return (id) => callbackToken(id, keys).token;
}

/** Reads a body as the webhook app does: a content type that is none is none. */
async function reader() {
  const { textOfBytes } = await import(WIRE);
  return (body, contentType = '') =>
    textOfBytes(
      body,
      /^\s*[^\s/;,]+\/[^\s/;,]+\s*(;|$)/.test(contentType) ? contentType : undefined,
    );
}

/** The real ones, once all forged ones have been there: also of payments that were never drawn. */
const realOnes = (subjects) => {
  const all = subjects.filter(({ real }) => real).map(untouched);
  return { build: (index) => all[index % all.length], count: all.length };
};

/**
 * Sends `count` callbacks and judges what became of the payments.
 * @param {{ told: Set<string>, unanswered: Set<string> }} before what is stored already
 * @returns {Promise<{ checks: { name: string, problems: string[] }[], figures: object }>}
 */
export async function fuzzCallbacks({
  stack,
  recorder,
  processes,
  secrets,
  key,
  before,
  seed,
  run,
  count,
  perKind,
  say,
}) {
  const tokenOf = await tokens(stack);
  const subjects = await prepareSubjects({ stack, recorder, run, perKind, key, tokenOf });
  const builder = new CallbackBuilder(subjects, seed);
  const tally = new CallbackTally(await reader());
  const { webhook: url } = stack.urls;
  const warm = Math.floor(count * WARM_UP_SHARE);
  const startedAt = performance.now();
  const common = { url, secrets, tally, say };
  await sendCallbacks(builder, { ...common, from: 0, to: warm });
  const warmMemory = await processes.memory();
  await sendCallbacks(builder, { ...common, from: warm, to: count });
  const seconds = (performance.now() - startedAt) / 1_000;
  const endMemory = await processes.memory();
  const real = realOnes(subjects);
  await sendCallbacks(real, { ...common, from: 0, to: real.count * SHOWN_TIMES });
  const smallest = await smallestCallback(tally, common);
  say('waiting for the payments');
  const ends = await endProblems(stack, subjects);
  const ids = subjects.map(({ id }) => id);
  const blamed = await blamedCallbacks(stack, { ends, subjects, tally, builder, secrets });
  const kept = await keptRows(stack.setup.databaseUrl, ids);
  const told = new Set([...before.told, ...ids]);
  const stored = await storedProblems(stack.setup.databaseUrl, { ...before, told, secrets });
  return {
    checks: [
      { name: 'answers of the webhook app', problems: [...tally.problems, ...smallest] },
      {
        name: 'memory under callbacks',
        problems: warmMemory.flatMap((warmOne, at) => memoryProblems(warmOne, endMemory[at])),
      },
      { name: 'payments whose callbacks were forged', problems: [...ends, ...blamed] },
      {
        name: 'callbacks that were kept',
        problems: keptProblems(kept, new Set(tally.received.keys())),
      },
      { name: 'rows after the callbacks', problems: stored.problems },
    ],
    figures: {
      callbacks: count,
      perSecond: Math.round(count / seconds),
      withRightToken: tally.right,
      statuses: tally.statuses,
      mutations: Object.keys(tally.mutations).length,
      slowestMs: Math.round(tally.slowestMs),
      payments: subjects.length,
      memory: { warm: warmMemory, end: endMemory },
      stored: stored.counts,
    },
  };
}
