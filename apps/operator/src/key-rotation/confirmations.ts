// Waiting until every running process has taken up a change of its key set. They say so themselves.
import { HOLDER_LOST_AFTER_MS, type KeyHolder, KeyHolders } from '@quittance/persistence';
import type { KeyPurpose } from '@quittance/vault';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { durationText } from '../command/times.js';

/**
 * Longer than a process takes to notice a changed file, so that one that was just starting has been
 * heard too.
 */
const TWICE_APART_MS = 1_000;
const LOOK_EVERY_MS = 250;

/** For how long to wait, and whether it is right that nobody runs. */
export interface WaitOptions {
  readonly waitMs: number;
  readonly isOffline: boolean;
}

/** Whether a process has a key of a list; also when it is not the active one. */
export const has =
  (purpose: KeyPurpose, kid: string) =>
  ({ keys }: KeyHolder): boolean =>
    keys[purpose].includes(kid);

/**
 * Resolves when, at two looks, no process is late; resolves with the late ones when the time is
 * over. Throws {@link OperatorError} when nobody at all has said which keys it has, unless that is
 * meant.
 */
export async function waitForConfirmation(
  operator: Pick<Operator, 'pool'>,
  { waitMs, isOffline }: WaitOptions,
  isLate: (holder: KeyHolder) => boolean,
): Promise<readonly KeyHolder[]> {
  const deadline = performance.now() + waitMs;
  let isSecondLook = false;
  for (;;) {
    const all = await new KeyHolders(operator.pool).list();
    if (all.length === 0) {
      if (isOffline) return [];
      throw new OperatorError(
        'No running process has said which keys it has. Start them, or, if all are stopped, say --offline.',
      );
    }
    const late = all.filter(isLate);
    if (late.length === 0 && isSecondLook) return [];
    if (late.length > 0 && performance.now() > deadline) return late;
    isSecondLook = late.length === 0;
    await pause(isSecondLook ? TWICE_APART_MS : LOOK_EVERY_MS);
  }
}

/** The processes by name, for a message. */
export function named(holders: readonly KeyHolder[]): string {
  return holders
    .map(({ app, host, pid, silentMs }) => {
      const seconds = Math.round(silentMs / 1_000);
      return `  ${app} ${pid} on ${host}, last heard of ${seconds} s ago`;
    })
    .join('\n');
}

/** What to do about processes that are late. */
export const LATE_HINT =
  'A process with its key set in a variable, or in a file elsewhere, has to be given the new one; its log says when it cannot read it. ' +
  `One that was killed is reckoned with for ${durationText(HOLDER_LOST_AFTER_MS)}. Then run the same command again.`;
