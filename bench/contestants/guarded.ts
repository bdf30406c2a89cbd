// The guarded version (bench/guarded): the same guarantees, written by hand in a plain way, one row
// and one statement at a time.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import { step } from '../../tools/terminal/progress.mjs';
import { startByHand } from './by-hand.js';
import type { Contestant, ContestantOptions } from './contestant.js';
import { readCounts, type PromiseCounts } from './guarded-promises.js';

/** It says what its database holds, and throws when a guarantee was broken. */
export interface GuardedContestant extends Contestant {
  kept(): Promise<PromiseCounts>;
}

/**
 * Quittance's own code, which seals its cards; the contestant's processes load it from there too.
 */
const VAULT = pathToFileURL(join(root, 'dist', 'libs', 'vault', 'src', 'index.js')).href;

/**
 * Each process gets what it needs: the api the half of the card key that seals, the worker the one
 * that opens.
 */
async function newSecrets(): Promise<Record<string, Record<string, string>>> {
  const { generateKeySets }: typeof import('@quittance/vault') = await import(VAULT);
  const keySets = generateKeySets();
  const callbackKey = { CALLBACK_KEY: randomBytes(32).toString('base64url') };
  const keySetOf = (name: 'api' | 'worker') => ({ VAULT, KEY_SET: JSON.stringify(keySets[name]) });
  return {
    api: keySetOf('api'),
    worker: { ...keySetOf('worker'), ...callbackKey },
    webhook: callbackKey,
  };
}

/** Starts it. */
export async function startGuarded(
  session: Session,
  options: ContestantOptions,
): Promise<GuardedContestant> {
  const secrets = await newSecrets();
  const secretsOf = (name: string) => secrets[name] ?? {};
  const contestant = await startByHand('guarded', session, { ...options, secretsOf });
  const kept = () =>
    step('guarded kept', async (say) => {
      const counts = await readCounts(contestant.ordersDatabaseUrl);
      say(`${counts.payments} payments, ${counts.events} events, all as promised`);
      return counts;
    });
  return { ...contestant, kept };
}
