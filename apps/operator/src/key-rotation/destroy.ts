// `keys destroy`: takes a retired key out of the files, first where things are made with it, last
// where they are opened, and looks between the two whether anything came in that needs it.
import type { KeyHolder } from '@quittance/persistence';
import { holdersOf, KEY_DISTRIBUTION, type KeyPurpose } from '@quittance/vault';
import { act, OperatorError } from '@quittance/operations';
import type { Operator } from '../command/operator.js';
import { LATE_HINT, has, named, waitForConfirmation, type WaitOptions } from './confirmations.js';
import { KeyFolder, keyFolderOf } from './key-folder.js';
import { stateIn, withoutKey } from './key-set-edits.js';
import { type NamedKey, needsOf } from './needs.js';
import { withRotationLock } from './rotation-lock.js';

/** Where the files are, and how long to wait for the processes. */
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
    await refuseNeeded(operator, key, 'Nothing was changed.');
    const { makers, openers } = KEY_DISTRIBUTION[purpose];
    await begin(operator, purpose, kid, () =>
      folder.change(makers, (set) => withoutKey(set, purpose, kid)),
    );
    const isMaker = ({ app }: KeyHolder) => makers.includes(app);
    await untilGone(operator, options, (holder) => isMaker(holder) && has(purpose, kid)(holder));
    const kept = `It stays where it opens: ${openers.join(', ')}.`;
    await refuseNeeded(operator, key, kept);
    await folder.change(openers, (set) => withoutKey(set, purpose, kid));
    await untilGone(operator, options, has(purpose, kid));
    operator.remark(
      `${kid} is destroyed: no file in ${path} and no running process has it. Backups of the files still do.`,
    );
  });
}

/** The key and the list it is in. Throws {@link OperatorError} when it is in none, or is in use. */
function keyNamed(folder: KeyFolder, kid: string): NamedKey {
  for (const purpose of Object.keys(KEY_DISTRIBUTION) as KeyPurpose[]) {
    const states = holdersOf(purpose).map((holder) => stateIn(folder.keySet(holder), purpose, kid));
    if (states.includes('active')) {
      throw new OperatorError(
        `${kid} is the active ${purpose} key. Rotate first: "keys rotate" takes another one into use.`,
      );
    }
    const found = states.filter((state) => state !== undefined);
    if (found.length > 0) {
      return { purpose, kid, isUnused: found.every((state) => state === 'prepared') };
    }
  }
  throw new OperatorError(`There is no key ${kid} in the files in ${folder.path}.`);
}

async function refuseNeeded(operator: Operator, key: NamedKey, state: string): Promise<void> {
  const needs = await needsOf(operator, key);
  if (needs.length === 0) return;
  throw new OperatorError(
    `${key.kid} is still needed. ${state} It is needed by:\n  ${needs.join('\n  ')}`,
  );
}

/** Audited before the first file is changed: the audit may say too much, and never too little. */
async function begin(
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

async function untilGone(
  operator: Operator,
  waiting: WaitOptions,
  isLate: (holder: KeyHolder) => boolean,
): Promise<void> {
  const late = await waitForConfirmation(operator, waiting, isLate);
  if (late.length === 0) return;
  throw new OperatorError(`These have not let go of the key:\n${named(late)}\n${LATE_HINT}`);
}
