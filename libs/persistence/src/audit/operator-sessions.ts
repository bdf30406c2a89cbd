// Sessions of browsers at the operations page. A session belongs to an operator or to an ops key,
// and ends with it: each request reads the present rights. Only the digest of the cookie is stored.
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';
import type { OperatorRights } from './operators.js';

/** The owner of a session, or of a key that may open one. */
export interface SignedIn {
  /** The name in the audit. */
  readonly name: string;
  readonly rights: OperatorRights;
  /** True for a registered operator: a key proves the person. False for an ops key. */
  readonly isRegistered: boolean;
  readonly owner: { readonly operatorId: string } | { readonly apiKeyId: string };
}

/** A session that is open now. */
export interface OpenSession extends SignedIn {
  readonly expiresAt: Date;
}

interface Limits {
  readonly now: Date;
  /** A session that was not used for so long is over. Milliseconds. */
  readonly idleMs: number;
}

const WITH_OWNER = {
  operator: { omit: { keySha256: true } },
  apiKey: { omit: { secretSha256: true } },
} as const;
const isOpen = ({ now, idleMs }: Limits) => ({
  expiresAt: { gt: now },
  seenAt: { gt: new Date(now.getTime() - idleMs) },
});

/** Use is stored once a minute, which is exact enough for an idle limit of minutes. */
const SEEN_EVERY_MS = 60_000;

export class OperatorSessions {
  constructor(private readonly prisma: PrismaService) {}

  /** Returns the operator whose key has this SHA-256. */
  async operatorWithKey(keySha256: Buffer): Promise<SignedIn | undefined> {
    const found = await this.prisma.operatorAccount.findFirst({
      where: { keySha256: Uint8Array.from(keySha256), revokedAt: null },
      select: { id: true, name: true, rights: true },
    });
    if (!found) return undefined;
    const { id: operatorId, name, rights } = found;
    return {
      name,
      rights: rights as OperatorRights,
      isRegistered: true,
      owner: { operatorId },
    };
  }

  /** Stores a session, and deletes those that are over. */
  async open(
    tx: PrismaTransaction,
    row: {
      readonly tokenSha256: Buffer;
      readonly owner: SignedIn['owner'];
      readonly at: Date;
      readonly expiresAt: Date;
    },
  ): Promise<void> {
    const { owner, at, expiresAt } = row;
    await tx.operatorSession.deleteMany({ where: { expiresAt: { lte: at } } });
    const tokenSha256 = Uint8Array.from(row.tokenSha256);
    await tx.operatorSession.create({
      data: { tokenSha256, ...owner, createdAt: at, seenAt: at, expiresAt },
      select: { expiresAt: true },
    });
  }

  /**
   * Returns the open session with this digest, and stores that it was used, unless the page made
   * the request by itself (`isUse` is false). A session of a revoked operator, or of a revoked or
   * expired key, is over.
   */
  async find(
    tokenSha256: Buffer,
    { isUse, ...limits }: Limits & { readonly isUse: boolean },
  ): Promise<OpenSession | undefined> {
    const { now } = limits;
    const digest = Uint8Array.from(tokenSha256);
    const found = await this.prisma.operatorSession.findUnique({
      where: { tokenSha256: digest, ...isOpen(limits) },
      include: WITH_OWNER,
    });
    const signedIn = found && ownerOf(found, now);
    if (!found || !signedIn) return undefined;
    if (isUse && now.getTime() - found.seenAt.getTime() > SEEN_EVERY_MS) {
      // Another request may have ended the session meanwhile.
      await this.prisma.operatorSession.updateMany({
        where: { tokenSha256: digest },
        data: { seenAt: now },
      });
    }
    return { ...signedIn, expiresAt: found.expiresAt };
  }

  /** Returns those of these sessions, by their digests, that are open. Stores no use. */
  async openAmong(digests: readonly Buffer[], limits: Limits): Promise<Buffer[]> {
    if (digests.length === 0) return [];
    const found = await this.prisma.operatorSession.findMany({
      where: { tokenSha256: { in: digests.map((one) => Uint8Array.from(one)) }, ...isOpen(limits) },
      include: WITH_OWNER,
    });
    return found
      .filter((session) => ownerOf(session, limits.now) !== undefined)
      .map(({ tokenSha256 }) => Buffer.from(tokenSha256));
  }

  /** Returns those of these ops keys, by their ids, that may read now. */
  async keysAmong(ids: readonly string[], now: Date): Promise<string[]> {
    if (ids.length === 0) return [];
    const apiKeys = await this.prisma.apiKey.findMany({
      where: { id: { in: [...ids] } },
      omit: { secretSha256: true },
    });
    return apiKeys
      .filter((apiKey) => ownerOf({ operator: null, apiKey }, now) !== undefined)
      .map(({ id }) => id);
  }

  /**
   * Locks the session until the transaction ends, so that its operator is not revoked meanwhile.
   * Returns false when it is over.
   */
  async lock(tx: PrismaTransaction, tokenSha256: Buffer): Promise<boolean> {
    // SQL: Prisma has no FOR SHARE.
    const rows = await tx.$queryRaw<{ found: number }[]>`
      SELECT 1 AS found FROM operator_sessions WHERE token_sha256 = ${tokenSha256} FOR SHARE`;
    return rows.length === 1;
  }

  /** Ends a session. */
  async end(tokenSha256: Buffer): Promise<void> {
    await this.prisma.operatorSession.deleteMany({
      where: { tokenSha256: Uint8Array.from(tokenSha256) },
    });
  }
}

interface Owners {
  readonly operator: {
    readonly id: string;
    readonly name: string;
    readonly rights: string;
    readonly revokedAt: Date | null;
  } | null;
  readonly apiKey: {
    readonly id: string;
    readonly holder: string | null;
    readonly scopes: readonly string[];
    readonly expiresAt: Date | null;
    readonly revokedAt: Date | null;
  } | null;
}

function ownerOf({ operator, apiKey }: Owners, now: Date): SignedIn | undefined {
  if (operator && operator.revokedAt === null) {
    const { id: operatorId, name, rights } = operator;
    return { name, rights: rights as OperatorRights, isRegistered: true, owner: { operatorId } };
  }
  if (apiKey?.holder == null || apiKey.revokedAt !== null) return undefined;
  if (apiKey.expiresAt !== null && apiKey.expiresAt <= now) return undefined;
  const { id: apiKeyId, holder: name, scopes } = apiKey;
  if (!scopes.includes('ops:read')) return undefined;
  const rights = scopes.includes('ops:write') ? 'act' : 'read';
  return { name, rights, isRegistered: false, owner: { apiKeyId } };
}
