// Operators, identified by a key of which only the digest is stored (PCI DSS 8.2.1, 8.3.2: a unique
// id for each person, and no stored secret that grants access).
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';

/** Returns how many people hold a key now, and how many ever did. */
export async function countOperators(
  tx: PrismaTransaction,
): Promise<{ readonly active: number; readonly ever: number }> {
  const active = await tx.operatorAccount.count({ where: { revokedAt: null } });
  return { active, ever: await tx.operatorAccount.count() };
}

/**
 * Returns the holder of the key with this SHA-256. Locks the row until the transaction ends, so
 * that no one acts with a key that is being revoked.
 */
export async function operatorWithKey(
  tx: PrismaTransaction,
  keySha256: Buffer,
): Promise<string | undefined> {
  // SQL: Prisma has no FOR SHARE.
  const rows = await tx.$queryRaw<{ name: string }[]>`
    SELECT name FROM operators WHERE key_sha256 = ${keySha256} AND revoked_at IS NULL FOR SHARE`;
  return rows[0]?.name;
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
    readonly at: Date;
  },
): Promise<void> {
  const { id, name, at: createdAt } = row;
  const keySha256 = Uint8Array.from(row.keySha256);
  await tx.operatorAccount.create({
    data: { id, name, keySha256, createdAt },
    select: { id: true },
  });
}

/** Revokes the key of a name. Returns its id, or undefined if the name has no active key. */
export async function revokeOperator(
  tx: PrismaTransaction,
  name: string,
  at: Date,
): Promise<string | undefined> {
  const [revoked] = await tx.operatorAccount.updateManyAndReturn({
    where: { name, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  return revoked?.id;
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
