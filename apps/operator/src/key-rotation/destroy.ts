// `keys destroy`: removes a retired key from the files, first for the processes that encrypt with
// it and last for those that decrypt. Between the two it checks whether anything new needs the key.
import type { KeyHolder } from '@quittance/persistence';
import { holdersOf, KEY_DISTRIBUTION, type KeyPurpose } from '@quittance/vault';
import { act, OperatorError } from '@quittance/operations';
import type { Operator } from '../command/operator.js';
import {
  LATE_HINT,
  hasKey,
  holderLines,
  waitForConfirmation,
  type WaitOptions,
} from './confirmations.js';
import { KeyFolder, keyFolderOf } from './key-folder.js';
import { stateIn, withoutKey } from './key-set-edits.js';
import { type NamedKey, needsOf } from './needs.js';
import { withRotationLock } from './rotation-lock.js';

/** The folder of the files, and the time to wait for the processes. */
export interface DestroyOptions extends WaitOptions {
  readonly folder?: string;
}

export async function destroy(
  operator: Operator,
  kid: string,
  options: DestroyOptions,
): Promise<void> {
  const path = keyFolderOf(operator, options.folder);
  await withRotationLock(operator, async () => {
    const folder = await KeyFolder.open(path);
    const key = keyNamed(folder, kid);
    const { purpose } = key;
    await rejectIfNeeded(operator, key, 'Nothing was changed.');
    const { makers, openers } = KEY_DISTRIBUTION[purpose];
    await auditAndChange(operator, purpose, kid, () =>
      folder.change(makers, (set) => withoutKey(set, purpose, kid)),
    );
    const isMaker = ({ app }: KeyHolder) => makers.includes(app);
    await waitUntilGone(
      operator,
      options,
      (holder) => isMaker(holder) && hasKey(purpose, kid)(holder),
    );
    const remaining = `These processes still have it: ${openers.join(', ')}.`;
    await rejectIfNeeded(operator, key, remaining);
    await folder.change(openers, (set) => withoutKey(set, purpose, kid));
    await waitUntilGone(operator, options, hasKey(purpose, kid));
    operator.output.remark(
      `${kid} is destroyed: no file in ${path} and no running process has it. Backups of the files may still contain it.`,
    );
  });
}

/**
 * Returns the key with its list. Throws {@link OperatorError} when no list contains it, or when it
 * is active.
 */
function keyNamed(folder: KeyFolder, kid: string): NamedKey {
  for (const purpose of Object.keys(KEY_DISTRIBUTION) as KeyPurpose[]) {
    const states = holdersOf(purpose).map((holder) => stateIn(folder.keySet(holder), purpose, kid));
    if (states.includes('active')) {
      throw new OperatorError(
        `${kid} is the active ${purpose} key. Rotate first: "keys rotate" activates another one.`,
      );
    }
    const found = states.filter((state) => state !== undefined);
    if (found.length > 0) {
      return { purpose, kid, isUnused: found.every((state) => state === 'prepared') };
    }
  }
  throw new OperatorError(`There is no key ${kid} in the files in ${folder.path}.`);
}

async function rejectIfNeeded(operator: Operator, key: NamedKey, state: string): Promise<void> {
  const needs = await needsOf(operator, key);
  if (needs.length === 0) return;
  throw new OperatorError(
    `${key.kid} is still needed. ${state} It is needed by:\n  ${needs.join('\n  ')}`,
  );
}

/**
 * Audits the destruction before the first file changes: the audit may record too much, but never
 * too little.
 */
async function auditAndChange(
  operator: Operator,
  purpose: KeyPurpose,
  kid: string,
  change: () => Promise<void>,
): Promise<void> {
  await act(operator, {}, async ({ audit, afterCommit }) => {
    audit({
      action: 'keys destroy',
      subject: { kind: 'vault_key', id: kid },
      before: { use: purpose },
      after: null,
    });
    afterCommit(change);
    return Promise.resolve();
  });
}

async function waitUntilGone(
  operator: Operator,
  waiting: WaitOptions,
  isLate: (holder: KeyHolder) => boolean,
): Promise<void> {
  const late = await waitForConfirmation(operator, waiting, isLate);
  if (late.length === 0) return;
  throw new OperatorError(
    `These processes still have the key:\n${holderLines(late)}\n${LATE_HINT}`,
  );
}
