// One change of the key sets at a time: two operators that rotate at once would each write what the
// other does not know of.
import { holdKeys, type PrismaTransaction, whileKeysAreLocked } from '@quittance/persistence';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

const BUSY =
  'Somebody is rotating or destroying keys at this moment. Run it again when that is done.';

/**
 * Runs `work` under the lock that key changes share. Throws {@link OperatorError} when another
 * process holds it.
 */
export async function withRotationLock(
  { pool }: Pick<Operator, 'pool'>,
  work: () => Promise<void>,
): Promise<void> {
  if (!(await whileKeysAreLocked(pool, work))) throw new OperatorError(BUSY);
}

/**
 * For who seals something within a transaction: keeps keys from being destroyed until it ends.
 * Throws {@link OperatorError} when keys are being changed, or this one was destroyed.
 */
export async function holdKey(tx: PrismaTransaction, kid: string): Promise<void> {
  if (!(await holdKeys(tx))) throw new OperatorError(BUSY);
  // A destruction is audited before it begins.
  const destroyed = { subjectId: kid, action: 'keys destroy' };
  if ((await tx.operatorAction.count({ where: destroyed })) === 0) return;
  throw new OperatorError(`The key ${kid} was destroyed. Run it again with the key set of now.`);
}
