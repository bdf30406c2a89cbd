// `keys rotate`: distributes a new key, first to the processes that decrypt, and activates it only
// when every process has it. Each step is idempotent and the files record the progress, so the same
// command continues after a crash.
import type { KeyHolder } from '@quittance/persistence';
import {
  forMakers,
  holdersOf,
  type Jwk,
  KEY_DISTRIBUTION,
  type KeyPurpose,
  newKey,
} from '@quittance/vault';
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
import { activeKid, keyIn, preparedKids, withActive, withPrepared } from './key-set-edits.js';
import { withRotationLock } from './rotation-lock.js';

/** The list, the folder of its files, and the time to wait for the processes. */
export interface RotateOptions extends WaitOptions {
  readonly purpose: KeyPurpose;
  readonly folder?: string;
}

/** Rotates the key of one list and prints the new kid once it is active. */
export async function rotate(operator: Operator, options: RotateOptions): Promise<void> {
  const path = keyFolderOf(operator, options.folder);
  await withRotationLock(operator, async () => {
    const folder = await KeyFolder.open(path);
    const { purpose } = options;
    if (isMissing(folder, purpose)) return introduce(operator, folder, options);
    const { kid, from } = await prepare(operator, folder, purpose);
    operator.output.remark(
      `${kid} is in the files of ${holdersOf(purpose).join(', ')}, and not yet active.`,
    );
    const isLate = (holder: KeyHolder) =>
      holder.keys[purpose].length > 0 && !hasKey(purpose, kid)(holder);
    const late = await waitForConfirmation(operator, options, isLate);
    if (late.length > 0) {
      throw new OperatorError(
        `${kid} is not active yet, because these processes have not loaded it:\n${holderLines(late)}\n${LATE_HINT}`,
      );
    }
    await activate(operator, folder, { purpose, kid, from });
    operator.output.remark(
      `${kid} is active. ${from} is retired; "keys destroy ${from}" shows what still needs it.`,
    );
    operator.output.result(kid, { kid, use: purpose, replaces: from });
  });
}

/**
 * True for a list that no process encrypts or signs with yet: an older version made the key sets.
 */
function isMissing(folder: KeyFolder, purpose: KeyPurpose): boolean {
  const { openers, makers } = KEY_DISTRIBUTION[purpose];
  const users = makers.length > 0 ? makers : openers;
  return users.every((holder) => activeKid(folder.keySet(holder), purpose) === undefined);
}

/**
 * Distributes the first key of a list, to the processes that encrypt last. A second run continues
 * with the same key.
 */
async function introduce(
  operator: Operator,
  folder: KeyFolder,
  { purpose, ...waiting }: RotateOptions,
): Promise<void> {
  const { openers, makers } = KEY_DISTRIBUTION[purpose];
  const begun = openers.map((holder) => folder.keySet(holder)[purpose]?.[0]).find(Boolean);
  const whole = begun ?? newKey(purpose).whole;
  const kid = String(whole['kid']);
  await act(operator, {}, async ({ audit, afterCommit }) => {
    audit({
      action: 'keys rotate',
      subject: { kind: 'vault_key', id: kid },
      before: null,
      after: { use: purpose, state: 'active', active: kid },
    });
    afterCommit(() => folder.change(openers, (set) => ({ ...set, [purpose]: [whole] })));
    return Promise.resolve();
  });
  const isLate = (holder: KeyHolder) =>
    (openers as readonly string[]).includes(holder.app) && !hasKey(purpose, kid)(holder);
  const late = await waitForConfirmation(operator, waiting, isLate);
  if (late.length > 0) {
    throw new OperatorError(
      `${kid} is not active yet, because these processes have not loaded it:\n${holderLines(late)}\n${LATE_HINT}`,
    );
  }
  await folder.change(makers, (set) => ({ ...set, [purpose]: [forMakers(whole)] }));
  operator.output.remark(`${kid} is the first ${purpose} key, and active.`);
  operator.output.result(kid, { kid, use: purpose, replaces: null });
}

interface Rotation {
  readonly purpose: KeyPurpose;
  readonly kid: string;
  /** The key that it replaces. */
  readonly from: string;
}

/** Returns the prepared key, or generates one, and writes it to every file that has the list. */
async function prepare(
  operator: Operator,
  folder: KeyFolder,
  purpose: KeyPurpose,
): Promise<Omit<Rotation, 'purpose'>> {
  const holders = holdersOf(purpose);
  const begun = new Set(holders.flatMap((holder) => preparedKids(folder.keySet(holder), purpose)));
  if (begun.size > 1) {
    throw new OperatorError(
      `Several keys are prepared: ${[...begun].join(', ')}. Destroy all but one with "keys destroy".`,
    );
  }
  const [kid] = begun;
  const from = activeKidBefore(folder, purpose, kid);
  if (kid !== undefined) {
    await distribute(folder, purpose, wholeKey(folder, purpose, kid));
    return { kid, from };
  }
  const fresh = newKey(purpose);
  await act(operator, {}, async ({ audit, afterCommit }) => {
    audit({
      action: 'keys rotate',
      subject: { kind: 'vault_key', id: fresh.kid },
      before: null,
      after: { use: purpose, state: 'prepared', active: from },
    });
    afterCommit(() => distribute(folder, purpose, fresh.whole));
    return Promise.resolve();
  });
  return { kid: fresh.kid, from };
}

/**
 * Returns the key that was active before `next` in every file. Throws {@link OperatorError} when
 * the files disagree.
 */
function activeKidBefore(folder: KeyFolder, purpose: KeyPurpose, next: string | undefined): string {
  const present = new Set(
    holdersOf(purpose).map((holder) => {
      const set = folder.keySet(holder);
      const active = activeKid(set, purpose);
      // Midway through the last step, some files already have the next key first and the previous
      // one second.
      return active === next ? (set[purpose]?.[1]?.['kid'] as string | undefined) : active;
    }),
  );
  const [only] = present;
  if (present.size === 1 && only !== undefined) return only;
  const found = [...present].map((kid) => kid ?? 'none').join(', ');
  throw new OperatorError(
    `The files in ${folder.path} do not agree on the active ${purpose} key: ${found}. Fix them by hand first.`,
  );
}

/** Returns the key with its private half, from a file that may contain it. */
function wholeKey(folder: KeyFolder, purpose: KeyPurpose, kid: string): Jwk {
  for (const opener of KEY_DISTRIBUTION[purpose].openers) {
    const key = keyIn(folder.keySet(opener), purpose, kid);
    if (key) return key;
  }
  throw new OperatorError(
    `${kid} is prepared in the processes that encrypt and missing from those that decrypt. Remove it with "keys destroy ${kid}".`,
  );
}

async function distribute(folder: KeyFolder, purpose: KeyPurpose, whole: Jwk): Promise<void> {
  const { openers } = KEY_DISTRIBUTION[purpose];
  await folder.change(holdersOf(purpose), (set, holder) =>
    withPrepared(set, purpose, openers.includes(holder) ? whole : forMakers(whole)),
  );
}

async function activate(
  operator: Operator,
  folder: KeyFolder,
  { purpose, kid, from }: Rotation,
): Promise<void> {
  await act(operator, {}, async ({ audit, afterCommit }) => {
    audit({
      action: 'keys rotate',
      subject: { kind: 'vault_key', id: kid },
      before: { use: purpose, state: 'prepared', active: from },
      after: { use: purpose, state: 'active', active: kid },
    });
    afterCommit(() => folder.change(holdersOf(purpose), (set) => withActive(set, purpose, kid)));
    return Promise.resolve();
  });
}
