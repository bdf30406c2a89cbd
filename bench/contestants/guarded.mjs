// The guarded version (bench/guarded): the same guarantees, written by hand in a plain way, one row and one statement at a time.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../tools/place.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import { startByHand } from './by-hand.mjs';
import { readKept } from './guarded-kept.mjs';

/** Each process gets what it needs: the api the half of the card key that seals, the worker the one that opens. */
async function newSecrets() {
  const vault = join(root, 'dist', 'libs', 'vault', 'src', 'index.js');
  const { generateKeySets } = await import(pathToFileURL(vault).href);
  const keySets = generateKeySets();
  const callbackKey = { CALLBACK_KEY: randomBytes(32).toString('base64url') };
  const keySetOf = (name) => ({ KEY_SET: JSON.stringify(keySets[name]) });
  return {
    api: keySetOf('api'),
    worker: { ...keySetOf('worker'), ...callbackKey },
    webhook: callbackKey,
  };
}

/**
 * Starts it; see `startByHand` for the options.
 * @returns the contestant, with `kept()`, which tells what its database holds and throws when a guarantee was not kept
 */
export async function startGuarded(session, options) {
  const secrets = await newSecrets();
  const secretsOf = (name) => secrets[name];
  const contestant = await startByHand('guarded', session, { ...options, secretsOf });
  const kept = () =>
    step('guarded kept', async (say) => {
      const counts = await readKept(contestant.ordersDatabaseUrl);
      say(`${counts.payments} payments, ${counts.events} events, all as promised`);
      return counts;
    });
  return { ...contestant, kept };
}
