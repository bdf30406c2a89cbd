// Registers operators, each with a key of their own (PCI DSS 8.2.1). With four eyes enabled, the
// third operator and every later one needs two people: otherwise one person could register a second
// identity and approve their own proposals.
import {
  countOperators,
  insertOperator,
  isUniqueViolation,
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
): Promise<{ readonly name: string; readonly key: string; readonly proposed: string | undefined }> {
  const name = checkName(given, 'The name');
  const key = newOperatorKey();
  const keySha256 = digestOfOperatorKey(key);
  const proposed = await act(session, {}, async (acting) => {
    if (await needsSecond(session.fourEyes, acting)) {
      const stored: AddArguments = { name, key_sha256: keySha256.toString('hex') };
      const subject = { kind: 'operator', id: name } as const;
      const wanted = { action: 'operators add', subject, arguments: stored } as const;
      return propose(session, acting, { ...wanted, audited: { name } });
    }
    await register(acting, { name, keySha256 });
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
  const { name, key_sha256: digest } = proposal.arguments as AddArguments;
  await register(acting, { name, keySha256: Buffer.from(digest, 'hex') }, proposal);
  return `"${name}" is registered; the key that was shown to ${proposal.proposedBy} now works.`;
}

async function register(
  { tx, at, audit }: ActionContext,
  { name, keySha256 }: { readonly name: string; readonly keySha256: Buffer },
  proposal?: Proposal,
): Promise<void> {
  const id = newId('opr');
  try {
    await insertOperator(tx, { id, name, keySha256, at });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new OperatorError(`An operator "${name}" already exists.`);
  }
  audit({
    action: 'operators add',
    subject: { kind: 'operator', id: name },
    before: null,
    after: { id, name },
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
  const name = await act(session, {}, async ({ tx, who, at, isRegistered, audit }) => {
    if (!isRegistered) throw new OperatorError('No operator is registered; see "operators add".');
    const before = await revokeKeyOf(tx, who, at);
    await insertOperator(tx, { id, name: who, keySha256: digestOfOperatorKey(key), at });
    const subject = { kind: 'operator', id: who } as const;
    audit({ action: 'operators renew', subject, before: { id: before }, after: { id } });
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
    const id = await revokeKeyOf(tx, name, at);
    if (id === undefined) {
      throw new OperatorError(`No active operator is named "${name}"; see "operators list".`);
    }
    // Without a registered operator, anyone with access to the database could act under any name.
    const { active } = await countOperators(tx);
    if (active === 0) {
      throw new OperatorError(`"${name}" is the last operator; register another one first.`);
    }
    const subject = { kind: 'operator', id: name } as const;
    const keys = await revokeOpsKeys(tx, name, at);
    audit({ action: 'operators revoke', subject, before: { id, ops_keys: keys }, after: null });
  });
}
