// Waits until every running process has loaded a changed key set. The processes report their keys
// themselves.
import { HOLDER_LOST_AFTER_MS, type KeyHolder, KeyHolders } from '@quittance/persistence';
import type { KeyPurpose } from '@quittance/vault';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';
import { durationText } from '../command/times.js';

/**
 * Longer than a process takes to notice a changed file, so that the second look includes a process
 * that was just starting.
 */
const SECOND_LOOK_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 250;

/** The time to wait, and whether an absence of running processes is expected. */
export interface WaitOptions {
  readonly waitMs: number;
  readonly isOffline: boolean;
}

/** Returns a predicate that is true for a process that has the key, active or not. */
export const hasKey =
  (purpose: KeyPurpose, kid: string) =>
  ({ keys }: KeyHolder): boolean =>
    keys[purpose].includes(kid);

/**
 * Resolves with an empty list when two successive looks find no late process, or with the late ones
 * after the timeout. Throws {@link OperatorError} when no process has reported its keys, unless
 * that is expected.
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
        'No running process has reported its keys. Start the processes, or add --offline if all are stopped.',
      );
    }
    const late = all.filter(isLate);
    if (late.length === 0 && isSecondLook) return [];
    if (late.length > 0 && performance.now() > deadline) return late;
    isSecondLook = late.length === 0;
    await pause(isSecondLook ? SECOND_LOOK_AFTER_MS : LOOK_EVERY_MS);
  }
}

/** Returns the names of the processes, one per line. */
export function holderLines(holders: readonly KeyHolder[]): string {
  return holders
    .map(({ app, host, pid, silentMs }) => {
      const seconds = Math.round(silentMs / 1_000);
      return `  ${app} ${pid} on ${host}, last reported ${seconds} s ago`;
    })
    .join('\n');
}

/** Advice about late processes. */
export const LATE_HINT =
  'Give the new key set to a process that reads it from a variable or from another file; its log shows a failure to read it. ' +
  `A killed process counts for another ${durationText(HOLDER_LOST_AFTER_MS)}. Then run the same command again.`;
