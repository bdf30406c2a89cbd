// How a command changes something: who acts is established, the change and its row of the audit commit together, and what is not
// in Postgres is done only after that.
import {
  type AuditEntry,
  countOperators,
  operatorWithKey,
  type PrismaTransaction,
  writeAudit,
} from '@quittance/persistence';
import { userInfo } from 'node:os';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '../command/operator-error.js';
import { digestOfOperatorKey, isOperatorKeyForm } from '../operators/operator-key.js';
import { checkEvidence, checkName } from './evidence.js';

/** What a command says about who acts and why, besides the options that every command has. */
export interface SaidOfAction {
  /** `--by`: taken only while nobody is registered. */
  readonly by?: string | undefined;
  /** `--evidence`: stands for `--why`. */
  readonly evidence?: string;
}

/** A person in the middle of a change. */
export interface Acting {
  /** In the transaction of the change. */
  readonly tx: PrismaTransaction;
  readonly at: Date;
  readonly who: string;
  /** Whether `who` is proven by a key. */
  readonly isRegistered: boolean;
  readonly why: string | null;
  /** Has an action written to the audit, at the end of the transaction, where it holds up others least. */
  readonly audit: (entry: AuditDraft) => void;
  /** For what Postgres does not hold: it happens once the audit is committed, so that it may say too much but never too little. */
  readonly afterCommit: (work: () => Promise<void>) => void;
}

/** An action without what {@link Acting} knows; its own `why` goes before that. */
export type AuditDraft = Omit<AuditEntry, 'at' | 'operator' | 'why'> &
  Partial<Pick<AuditEntry, 'why'>>;

/** Runs `work` as whoever is at the CLI. Throws {@link OperatorError} when they may not, or do not say why. */
export async function act<T>(
  operator: Operator,
  said: SaidOfAction,
  work: (acting: Acting) => Promise<T>,
): Promise<T> {
  const why = whyOf(operator, said);
  const by = said.by === undefined ? undefined : checkName(said.by);
  const afterwards: (() => Promise<void>)[] = [];
  const result = await operator.prisma.$transaction(async (tx) => {
    const at = operator.clock.now();
    const person = await whoActs(operator, tx, by);
    const drafts: AuditDraft[] = [];
    const done = await work({
      ...person,
      tx,
      at,
      why,
      audit: (draft) => void drafts.push(draft),
      afterCommit: (step) => void afterwards.push(step),
    });
    for (const draft of drafts) {
      await writeAudit(tx, { at, operator: person.who, why, ...draft });
    }
    return done;
  });
  for (const step of afterwards) await step();
  return result;
}

function whyOf({ said: { why, isWhyRequired } }: Operator, { evidence }: SaidOfAction) {
  if (evidence !== undefined) {
    if (why === undefined) return checkEvidence(evidence);
    throw new OperatorError('--evidence says why; leave --why out.');
  }
  if (why !== undefined) return checkEvidence(why, '--why');
  if (!isWhyRequired) return null;
  throw new OperatorError('Say why with --why "…": OPERATOR_WHY_REQUIRED asks for it.');
}

async function whoActs({ said: { key } }: Operator, tx: PrismaTransaction, by: string | undefined) {
  const { active } = await countOperators(tx);
  if (active === 0) {
    if (key === undefined) return { who: by ?? userInfo().username, isRegistered: false };
    throw new OperatorError(
      'QUITTANCE_OPERATOR_KEY is set, but no operator is registered here; is DATABASE_URL right?',
    );
  }
  if (by !== undefined) {
    throw new OperatorError(
      '--by is not taken where operators are registered: the name comes with QUITTANCE_OPERATOR_KEY.',
    );
  }
  if (key === undefined) {
    throw new OperatorError(
      'Operators are registered here: set QUITTANCE_OPERATOR_KEY to your key to change anything.',
    );
  }
  const text = key.reveal();
  const who = isOperatorKeyForm(text)
    ? await operatorWithKey(tx, digestOfOperatorKey(text))
    : undefined;
  if (who !== undefined) return { who, isRegistered: true };
  throw new OperatorError('QUITTANCE_OPERATOR_KEY is nobody’s, or was revoked.');
}
