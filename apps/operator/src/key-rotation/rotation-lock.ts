// Allows one change of the key sets at a time: two concurrent rotations would each overwrite the
// other's key.
import { holdKeys, type PrismaTransaction, whileKeysAreLocked } from '@quittance/persistence';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

const BUSY =
  'Another operator is rotating or destroying keys. Run the command again when that is done.';

/**
 * Runs `work` while holding the lock of key changes. Throws {@link OperatorError} when another
 * process holds it.
 */
export async function withRotationLock(
  { pool }: Pick<Operator, 'pool'>,
  work: () => Promise<void>,
): Promise<void> {
  if (!(await whileKeysAreLocked(pool, work))) throw new OperatorError(BUSY);
}

/**
 * Prevents the destruction of keys until the transaction ends, for a transaction that encrypts
 * something. Throws {@link OperatorError} during a key change, or when this key was destroyed.
 */
export async function holdKey(tx: PrismaTransaction, kid: string): Promise<void> {
  if (!(await holdKeys(tx))) throw new OperatorError(BUSY);
  // A destruction is audited before it starts.
  const destroyed = { subjectId: kid, action: 'keys destroy' };
  if ((await tx.operatorAction.count({ where: destroyed })) === 0) return;
  throw new OperatorError(
    `The key ${kid} was destroyed. Run the command again with the current key set.`,
  );
}
