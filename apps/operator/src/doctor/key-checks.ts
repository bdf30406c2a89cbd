// Checks that the running processes can open what the others encrypt.
import { type KeyHolder, KeyHolders } from '@quittance/persistence';
import type { KeyPurpose } from '@quittance/vault';
import type { Pool } from 'pg';
import { attention, bad, type Finding, good } from './finding.js';

export async function checkKeys(pool: Pool): Promise<Finding[]> {
  return [keyFinding(await new KeyHolders(pool).list())];
}

/**
 * Judges the keys that the processes have announced. The first key of a purpose is the one that a
 * process uses; every other process that has keys of that purpose must have it too.
 */
export function keyFinding(holders: readonly KeyHolder[]): Finding {
  const check = 'keys of the processes';
  if (holders.length === 0) {
    const advice = 'Start api, worker and webhook; each announces its keys.';
    return attention(check, 'no process has announced keys in the last five minutes', advice);
  }
  const missing = holders.flatMap((holder) => missingKeys(holder, holders));
  if (missing.length === 0) return good(check, `${holders.length} processes agree`);
  const advice =
    'Give it the newest key set file: keys rotate writes one for each process, and deploys them in order.';
  return bad(check, missing.join('; '), advice);
}

function missingKeys(holder: KeyHolder, holders: readonly KeyHolder[]): string[] {
  const purposes = Object.entries(holder.keys) as [KeyPurpose, readonly string[]][];
  return purposes.flatMap(([purpose, kids]) => {
    if (kids.length === 0) return [];
    const inUse = new Set(holders.flatMap(({ keys }) => keys[purpose].slice(0, 1)));
    const lacks = [...inUse].filter((kid) => !kids.includes(kid));
    return lacks.map((kid) => `${holder.app} on ${holder.host} lacks ${purpose} ${kid}`);
  });
}
