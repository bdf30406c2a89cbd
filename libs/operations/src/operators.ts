// Registers operators, each with a key of their own (PCI DSS 8.2.1). With four eyes enabled, the
// third operator and every later one needs two people: otherwise one person could register a second
// identity and approve their own proposals.
import {
  countOperators,
  insertOperator,
  isUniqueViolation,
  type OperatorRights,
  type Proposal,
  revokeOperator as revokeKeyOf,
  revokeOpsKeys,
} from '@quittance/persistence';
import { newId } from '@quittance/platform';
import { type ActionContext, act, type OperatorSession } from './act.js';
import { checkName } from './evidence.js';
import { OperatorError } from './operator-error.js';
import { digestOfOperatorKey, newOperatorKey } from './operator-key.js';
import { approvalOf, type FourEyes, propose } from './proposals.js';

/**
 * The arguments of the proposal. The first operator has seen the key; it works once a second
 * operator has approved.
 */
interface AddArguments {
  readonly name: string;
  readonly key_sha256: string;
  /** Missing in proposals of earlier versions, which meant `act`. */
  readonly rights?: OperatorRights;
}

/** An operator to register. */
interface NewOperator {
  readonly name: string;
  readonly keySha256: Buffer;
  readonly rights: OperatorRights;
}

/**
 * The number of operators that one person may register. Revoked operators count, so revoking the
 * second one does not free its place.
 */
const FREELY_ADDED = 2;

/**
 * Registers an operator, or proposes the registration. Returns the operator's key, which is stored
 * nowhere. `proposed` is the command for the second operator, or undefined when the key works at
 * once.
 */
export async function addOperator(
  session: OperatorSession & { readonly fourEyes: FourEyes },
  given: string,
  rights: OperatorRights = 'act',
): Promise<{ readonly name: string; readonly key: string; readonly proposed: string | undefined }> {
  const name = checkName(given, 'The name');
  const key = newOperatorKey();
  const keySha256 = digestOfOperatorKey(key);
  const proposed = await act(session, {}, async (acting) => {
    if (rights === 'read' && (await countOperators(acting.tx)).acting === 0) {
      throw new OperatorError('Register an operator who may act first, or none could.');
    }
    if (await needsSecond(session.fourEyes, acting)) {
      const stored: AddArguments = { name, key_sha256: keySha256.toString('hex'), rights };
      const subject = { kind: 'operator', id: name } as const;
      const wanted = { action: 'operators add', subject, arguments: stored } as const;
      return propose(session, acting, { ...wanted, audited: { name, rights } });
    }
    await register(acting, { name, keySha256, rights });
    return undefined;
  });
  return { name, key, proposed };
}

async function needsSecond(
  { above, bulkAbove }: FourEyes,
  { tx }: ActionContext,
): Promise<boolean> {
  if (above === undefined && bulkAbove === undefined) return false;
  return (await countOperators(tx)).ever >= FREELY_ADDED;
}

/** Registers the operator that a proposal names. */
export async function addOperatorAsProposed(
  acting: ActionContext,
  proposal: Proposal,
): Promise<string> {
  const { name, key_sha256: digest, rights = 'act' } = proposal.arguments as AddArguments;
  await register(acting, { name, keySha256: Buffer.from(digest, 'hex'), rights }, proposal);
  return `"${name}" is registered; the key that was shown to ${proposal.proposedBy} now works.`;
}

async function register(
  { tx, at, audit }: ActionContext,
  { name, keySha256, rights }: NewOperator,
  proposal?: Proposal,
): Promise<void> {
  const id = newId('opr');
  try {
    await insertOperator(tx, { id, name, keySha256, rights, at });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new OperatorError(`An operator "${name}" already exists.`);
  }
  audit({
    action: 'operators add',
    subject: { kind: 'operator', id: name },
    before: null,
    after: { id, name, rights },
    ...approvalOf(proposal),
  });
}

/**
 * Replaces the acting operator's key. The person who registered that operator no longer knows the
 * new one.
 */
export async function renewOperator(
  session: OperatorSession,
): Promise<{ readonly name: string; readonly key: string }> {
  const key = newOperatorKey();
  const id = newId('opr');
  const options = { needs: 'read' } as const;
  const name = await act(session, options, async ({ tx, who, at, isRegistered, audit }) => {
    if (!isRegistered) throw new OperatorError('No operator is registered; see "operators add".');
    const before = await revokeKeyOf(tx, who, at);
    const { rights = 'act' } = before ?? {};
    await insertOperator(tx, { id, name: who, keySha256: digestOfOperatorKey(key), rights, at });
    const subject = { kind: 'operator', id: who } as const;
    audit({ action: 'operators renew', subject, before: { id: before?.id }, after: { id } });
    return who;
  });
  return { name, key };
}

/**
 * Revokes an operator's key and the ops keys that the operator holds. Throws {@link OperatorError}
 * for the last operator and for an unknown name.
 */
export async function revokeOperator(session: OperatorSession, name: string): Promise<void> {
  await act(session, {}, async ({ tx, at, audit }) => {
    const revoked = await revokeKeyOf(tx, name, at);
    if (revoked === undefined) {
      throw new OperatorError(`No active operator is named "${name}"; see "operators list".`);
    }
    const { id } = revoked;
    // Without a registered operator, anyone with access to the database could act under any name;
    // without one who may act, no one could.
    const { acting } = await countOperators(tx);
    if (acting === 0 && revoked.rights === 'act') {
      throw new OperatorError(`"${name}" is the last operator; register another one first.`);
    }
    const subject = { kind: 'operator', id: name } as const;
    const keys = await revokeOpsKeys(tx, name, at);
    audit({ action: 'operators revoke', subject, before: { id, ops_keys: keys }, after: null });
  });
}
