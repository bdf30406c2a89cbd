// A fuzz from start to end, on a system of its own: requests first, then callbacks.
import { fuzzCallbacks } from './callbacks/part.mjs';
import { ProcessWatch } from './oracles/processes.mjs';
import { Secrets, cardOfRun, keysOf } from './oracles/secrets.mjs';
import { Random } from '../chaos/random.ts';
import { fuzzRequests } from './requests/part.mjs';
import { startFuzzStack } from './stack/fuzz-stack.mjs';
import { World } from './stack/world.mjs';

/** A run of fewer requests or callbacks has fewer payments too. */
const SHORT_BELOW = 5_000;
/** How many payments are there beforehand, for so many requests. */
const worldFor = (requests) =>
  requests < SHORT_BELOW
    ? { paid: 24, queued: 16, refunded: 4 }
    : { paid: 120, queued: 100, refunded: 12 };

/**
 * @param {import('../../tools/processes/session.ts').Session} session
 * @param {{ seed: number, requests: number, callbacks: number, step: typeof import('../../tools/terminal/progress.mjs').step }} options
 * @returns {Promise<{ checks: { name: string, problems: string[] }[], figures: object }>} a check without problems has held
 */
export async function runFuzz(session, { seed, requests, callbacks, step }) {
  const run = seed.toString(36);
  const { stack, recorder } = await step('processes', () => startFuzzStack(session));
  const processes = new ProcessWatch(stack);
  try {
    const world = await step('payments', () =>
      World.prepare(stack, { run, ...worldFor(requests) }),
    );
    const card = cardOfRun(new Random(seed));
    const secrets = new Secrets({ cards: [card], keys: keysOf(stack, world.keys) });
    const common = { stack, processes, secrets, card, seed, run };
    const asked = await step('requests', (say) =>
      fuzzRequests({ ...common, world, count: requests, say }),
    );
    const { answers: before } = asked;
    const { full: key } = world.keys;
    const perKind = callbacks < SHORT_BELOW ? 1 : 4;
    const called = await step('callbacks', (say) =>
      fuzzCallbacks({ ...common, recorder, key, before, perKind, count: callbacks, say }),
    );
    const ended = { name: 'processes', problems: await processes.problems(secrets) };
    return {
      checks: [...asked.checks, ...called.checks, ended],
      figures: { requests: asked.figures, callbacks: called.figures },
    };
  } finally {
    processes.close();
    await recorder.close();
  }
}
