// Returns the faults that intake finds in a body, as `path code`.
import { InvalidRequest } from '@quittance/platform';
import { generateKeySets, parseKeySet } from '@quittance/vault';
import { readCreatePayment, type RequestContext } from '../src/intake/payment-rules.js';
import { aTerminal } from '../../../test/support/terminal.js';

export const NOW = new Date('2026-11-21T10:00:00Z');
/** The key sets of a process with a single cards key. */
export const SETS = generateKeySets();
const keys = parseKeySet(JSON.stringify(SETS.api));
export const LIVE: RequestContext = {
  terminal: aTerminal({ mode: 'live' }),
  now: NOW,
  keys,
};
export const TEST: RequestContext = {
  terminal: aTerminal({ mode: 'test' }),
  now: NOW,
  keys,
};

export function faultsOf(body: unknown, context: RequestContext = LIVE): string[] {
  try {
    readCreatePayment(body, context);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return (error.errors ?? []).map(({ path, code }) => `${path} ${code}`);
  }
}
