// The chaos run as `npm test` plays it: every part, less of each.
import { SHORT } from './part.mjs';
import { PARTS } from './parts.mjs';
import { Random } from './random.ts';
import { ChaosPostgres } from './stack/servers.ts';

const quietly = (_name, work) => work(() => {});

/** Starts the servers of a short run; resolves with a function that plays one part and tells its checks.
 * Parts that are lent the same object share a stack. */
export async function startShortRun(session, { seed }) {
  const postgres = await ChaosPostgres.start(session, SHORT);
  return async (part, lent) => {
    const random = new Random(seed);
    const run = seed.toString(36);
    const context = { session, postgres, random, run, lent, step: quietly, scale: SHORT };
    const { checks } = await PARTS[part](context);
    return checks;
  };
}
