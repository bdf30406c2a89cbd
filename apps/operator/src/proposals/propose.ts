// What one person may not do alone is stored for a second to approve. Nothing else changes.
import { insertProposal, type NewProposal } from '@quittance/persistence';
import type { Money } from '@quittance/payments';
import { newId } from '@quittance/platform';
import type { Acting } from '../audit/act.js';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { isAbove } from './limits.js';

/** What is proposed; `audited` is what the audit keeps of the arguments, where that is less. */
export type Wanted = Pick<NewProposal, 'action' | 'subject' | 'arguments'> & {
  readonly audited?: object;
};

/** Whether this amount needs a second person. Throws {@link OperatorError} when it cannot be known who is whom. */
export function needsSecondForAmount(operator: Operator, acting: Acting, money: Money): boolean {
  const { above } = operator.fourEyes;
  if (above === undefined) return false;
  requireRegistered(acting, 'FOUR_EYES_ABOVE');
  return isAbove(above, money);
}

/** Whether so many objects at once need a second person. Throws as {@link needsSecondForAmount} does. */
export function needsSecondForNumber(operator: Operator, acting: Acting, count: number): boolean {
  const { bulkAbove } = operator.fourEyes;
  if (bulkAbove === undefined) return false;
  requireRegistered(acting, 'FOUR_EYES_BULK_ABOVE');
  return count > bulkAbove;
}

function requireRegistered({ isRegistered }: Acting, variable: string): void {
  if (isRegistered) return;
  throw new OperatorError(
    `${variable} needs to know who is who, and no operator is registered: see "operators add".`,
  );
}

/** Stores the proposal and says what the second person has to type. */
export async function propose(
  { fourEyes }: Operator,
  acting: Acting,
  { audited, ...wanted }: Wanted,
): Promise<string> {
  const { tx, at, who, why } = acting;
  const id = newId('prp');
  const expiresAt = new Date(at.getTime() + fourEyes.expiresAfterMs);
  await insertProposal(tx, { id, ...wanted, why, proposedBy: who, proposedAt: at, expiresAt });
  const { action, subject } = wanted;
  acting.audit({
    action: 'propose',
    subject: { kind: 'proposal', id },
    before: null,
    after: { action, subject, arguments: audited ?? wanted.arguments, expires_at: expiresAt },
  });
  return (
    `Proposed, and nothing has changed yet: this needs a second person, before ${expiresAt.toISOString()}, with:\n` +
    `  quittance approve ${id}`
  );
}
