// `operators add`: who may act. Once there are two, and four eyes are asked for, a third needs both: else one person could make
// themselves a second.
import { countOperators, insertOperator, type Proposal } from '@quittance/persistence';
import { newId } from '@quittance/platform';
import { type Acting, act } from '../audit/act.js';
import { checkName } from '../audit/evidence.js';
import { propose } from '../proposals/propose.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { isTaken } from '../command/taken.js';
import { digestOfOperatorKey, newOperatorKey } from './operator-key.js';

/** What a proposal keeps. The key was shown to the first person, and works once the second has approved. */
interface AddArguments {
  readonly name: string;
  readonly key_sha256: string;
}

/** Revoked ones count: revoking the second does not open the door. */
const FREELY_ADDED = 2;

/** Registers a person and prints their key. */
export async function addOperator(operator: Operator, given: string): Promise<void> {
  const name = checkName(given, 'The name');
  const key = newOperatorKey();
  const keySha256 = digestOfOperatorKey(key);
  const proposed = await act(operator, {}, async (acting) => {
    if (await needsSecond(operator, acting)) {
      const stored: AddArguments = { name, key_sha256: keySha256.toString('hex') };
      const subject = { kind: 'operator', id: name } as const;
      const wanted = { action: 'operators add', subject, arguments: stored } as const;
      return propose(operator, acting, { ...wanted, audited: { name } });
    }
    await register(acting, { name, keySha256 });
    return undefined;
  });
  if (proposed !== undefined) operator.remark(proposed);
  const from = proposed === undefined ? '' : ', which works once it is approved';
  operator.remark(`The key of "${name}"${from}. Shown only now:`);
  operator.print(key);
}

async function needsSecond({ fourEyes }: Operator, { tx }: Acting): Promise<boolean> {
  if (fourEyes.above === undefined && fourEyes.bulkAbove === undefined) return false;
  return (await countOperators(tx)).ever >= FREELY_ADDED;
}

/** Registers whom the first person proposed. */
export async function addOperatorAsProposed(
  _operator: Operator,
  acting: Acting,
  proposal: Proposal,
): Promise<string> {
  const { name, key_sha256: digest } = proposal.arguments as AddArguments;
  await register(acting, { name, keySha256: Buffer.from(digest, 'hex') }, proposal);
  return `"${name}" is registered; the key that was shown to ${proposal.proposedBy} works now.`;
}

async function register(
  { tx, at, audit }: Acting,
  { name, keySha256 }: { readonly name: string; readonly keySha256: Buffer },
  proposal?: Proposal,
): Promise<void> {
  const id = newId('opr');
  try {
    await insertOperator(tx, { id, name, keySha256, at });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new OperatorError(`There is an operator "${name}" already.`);
  }
  audit({
    action: 'operators add',
    subject: { kind: 'operator', id: name },
    before: null,
    after: { id, name },
    ...(proposal && { why: proposal.why, proposal: { id: proposal.id, by: proposal.proposedBy } }),
  });
}
