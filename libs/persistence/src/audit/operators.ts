// Operators, identified by a key of which only the digest is stored (PCI DSS 8.2.1, 8.3.2: a unique
// id for each person, and no stored secret that grants access).
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';

/** The rights of an operator: `read` sees everything and changes nothing; `act` may change. */
export const OPERATOR_RIGHTS = ['read', 'act'] as const;
export type OperatorRights = (typeof OPERATOR_RIGHTS)[number];

/** Returns how many people hold a key now, how many of them may act, and how many ever held one. */
export async function countOperators(
  tx: PrismaTransaction,
): Promise<{ readonly active: number; readonly acting: number; readonly ever: number }> {
  const active = await tx.operatorAccount.count({ where: { revokedAt: null } });
  const acting = await tx.operatorAccount.count({ where: { revokedAt: null, rights: 'act' } });
  return { active, acting, ever: await tx.operatorAccount.count() };
}

/**
 * Returns the holder of the key with this SHA-256. Locks the row until the transaction ends, so
 * that no one acts with a key that is being revoked.
 */
export async function operatorWithKey(
  tx: PrismaTransaction,
  keySha256: Buffer,
): Promise<{ readonly name: string; readonly rights: OperatorRights } | undefined> {
  // SQL: Prisma has no FOR SHARE.
  const rows = await tx.$queryRaw<{ name: string; rights: OperatorRights }[]>`
    SELECT name, rights FROM operators WHERE key_sha256 = ${keySha256} AND revoked_at IS NULL FOR SHARE`;
  return rows[0];
}

/** True when an operator of that name may act now. */
export async function isOperator(tx: PrismaTransaction, name: string): Promise<boolean> {
  return (await tx.operatorAccount.count({ where: { name, revokedAt: null } })) > 0;
}

/** Stores a key. Raises a unique violation if the name has an active one. */
export async function insertOperator(
  tx: PrismaTransaction,
  row: {
    readonly id: string;
    readonly name: string;
    readonly keySha256: Buffer;
    readonly rights: OperatorRights;
    readonly at: Date;
  },
): Promise<void> {
  const { id, name, rights, at: createdAt } = row;
  const keySha256 = Uint8Array.from(row.keySha256);
  await tx.operatorAccount.create({
    data: { id, name, keySha256, rights, createdAt },
    select: { id: true },
  });
}

/**
 * Revokes the key of a name and ends its sessions. Returns its id and rights, or undefined if the
 * name has no active key. An action in a session holds the session's row, so this waits for it.
 */
export async function revokeOperator(
  tx: PrismaTransaction,
  name: string,
  at: Date,
): Promise<{ readonly id: string; readonly rights: OperatorRights } | undefined> {
  const [revoked] = await tx.operatorAccount.updateManyAndReturn({
    where: { name, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true, rights: true },
  });
  if (!revoked) return undefined;
  const { id, rights } = revoked;
  await tx.operatorSession.deleteMany({ where: { operatorId: id } });
  return { id, rights: rights as OperatorRights };
}

/** Revokes the ops keys that a name holds. Returns their ids. */
export async function revokeOpsKeys(
  tx: PrismaTransaction,
  holder: string,
  at: Date,
): Promise<string[]> {
  const revoked = await tx.apiKey.updateManyAndReturn({
    where: { holder, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  return revoked.map(({ id }) => id);
}

/** Returns all operators, oldest first, without digests. */
export function listOperators(prisma: PrismaService) {
  return prisma.operatorAccount.findMany({ omit: { keySha256: true }, orderBy: { id: 'asc' } });
}
