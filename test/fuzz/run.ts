// A fuzz from start to end, on a system of its own: requests first, then callbacks.
import type { Session } from '../../tools/processes/session.js';
import type { step } from '../../tools/terminal/progress.mjs';
import { Random } from '../chaos/random.js';
import { canaryCard } from '../leaks/canaries.js';
import { fuzzCallbacks } from './callbacks/part.js';
import type { Say } from './inputs.js';
import { ProcessWatch } from './oracles/processes.js';
import { keysOf, Secrets } from './oracles/secrets.js';
import { fuzzRequests } from './requests/part.js';
import { startFuzzStack } from './stack/stack.js';
import { prepareWorld } from './stack/world.js';

/** A short run works with fewer payments. */
const SHORT_BELOW = 5_000;
const SCALES = {
  short: { paid: 24, queued: 16, refunded: 4, perKind: 1 },
  full: { paid: 120, queued: 100, refunded: 12, perKind: 4 },
};

export interface FuzzOptions extends Record<'seed' | 'requests' | 'callbacks', number> {
  /**
   * One input to send alone, such as `requests:412:0:3`: fast-check's path after the half's name.
   */
  readonly path?: string | undefined;
}

/** Plays a run; resolves with its checks and figures. */
export async function runFuzz(session: Session, options: FuzzOptions, show: typeof step) {
  const { seed, path = '' } = options;
  const run = seed.toString(36);
  const { perKind, ...scale } = SCALES[options.requests < SHORT_BELOW ? 'short' : 'full'];
  const { stack, recorder } = await show('processes', () => startFuzzStack(session));
  const processes = new ProcessWatch(stack);
  try {
    const random = new Random(seed);
    const card = canaryCard('the card of the run', (limit) => random.below(limit));
    const world = await show('payments', () => prepareWorld(stack, { run, card, ...scale }));
    const secrets = new Secrets(card, keysOf(stack, world.keys));
    const common = { stack, recorder, processes, secrets, seed, run, perKind };
    const partOf = (name: 'requests' | 'callbacks', say: Say) => {
      const alone = path.startsWith(`${name}:`) ? path.slice(name.length + 1) : undefined;
      return { ...common, say, count: path === '' ? options[name] : 0, path: alone };
    };
    const requests = await show('requests', (say) => fuzzRequests(partOf('requests', say), world));
    const callbacks = await show('callbacks', (say) =>
      fuzzCallbacks(partOf('callbacks', say), requests),
    );
    const ended = { name: 'processes', problems: await processes.problems(secrets) };
    return { requests, callbacks, checks: [...requests.checks, ...callbacks.checks, ended] };
  } finally {
    processes.close();
    await recorder.close();
  }
}

/** A run as `npm test` plays it: enough for every fault and mutation, in 40 s on two processors. */
export function playShortRun(session: Session, seed: number) {
  const quietly: typeof step = (_, work) => work(() => undefined);
  return runFuzz(session, { seed, requests: 800, callbacks: 2_500 }, quietly);
}
