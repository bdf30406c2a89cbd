// A fuzz from start to end, on a system of its own: requests first, then callbacks.
import type { Session } from '../../tools/processes/session.js';
import type { step } from '../../tools/terminal/progress.mjs';
import { Random } from '../chaos/random.js';
import { canaryCard } from '../leaks/canaries.js';
import { fuzzCallbacks } from './callbacks/part.js';
import { ProcessWatch } from './oracles/processes.js';
import { readBackProblems, storedProblems } from './oracles/rows.js';
import { keysOf, Secrets } from './oracles/secrets.js';
import type { PartOptions } from './part.js';
import { fuzzRequests } from './requests/part.js';
import { startFuzzStack } from './stack/stack.js';
import { prepareWorld } from './stack/world.js';

/** A short run works with fewer payments. */
const SHORT_BELOW = 5_000;
const SCALES = {
  short: { paid: 24, queued: 16, refunded: 4, perKind: 1 },
  full: { paid: 120, queued: 100, refunded: 12, perKind: 4 },
};

/** `path` is one input to send alone, such as `requests:412:0:3`: fast-check's after the half. */
export type FuzzOptions = Record<'seed' | 'requests' | 'callbacks', number> & {
  readonly path?: string | undefined;
};

/** Plays a run; resolves with its checks and figures. */
export async function runFuzz(session: Session, options: FuzzOptions, show: typeof step) {
  const { seed, path = '' } = options;
  const run = seed.toString(36);
  const { perKind, ...scale } = SCALES[options.requests < SHORT_BELOW ? 'short' : 'full'];
  const started = await show('processes', () => startFuzzStack(session));
  const { stack, recorder } = started;
  const processes = new ProcessWatch(stack);
  try {
    const random = new Random(seed);
    const card = canaryCard('the card of the run', (limit) => random.below(limit));
    const world = await show('payments', () => prepareWorld(stack, run, card, scale));
    const secrets = new Secrets(card, keysOf(stack, world.keys));
    const unanswered = new Set<string | undefined>();
    const answered = { accepted: new Set(world.accepted), unanswered };
    const common = { ...started, processes, secrets, seed, run, perKind, answered };
    const partOf = (name: 'requests' | 'callbacks', say: PartOptions['say']) => {
      const alone = path.startsWith(`${name}:`) ? path.slice(name.length + 1) : undefined;
      return { ...common, say, count: path === '' ? options[name] : 0, path: alone };
    };
    const requests = await show('requests', (say) => fuzzRequests(partOf('requests', say), world));
    const callbacks = await show('callbacks', (say) => fuzzCallbacks(partOf('callbacks', say)));
    const rows = await show('rows', () => storedProblems(stack, answered, secrets));
    const checks = [
      ...requests.checks,
      ...callbacks.checks,
      { name: 'rows in Postgres', problems: rows.problems },
      { name: 'rows as the api returns them', problems: await readBackProblems(stack) },
      { name: 'processes', problems: await processes.problems(secrets) },
    ];
    const figures = [requests.figures, { ...callbacks.figures, ...rows.counts }] as const;
    return { figures, checks };
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
