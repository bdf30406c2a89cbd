// How a person changes something: `act` establishes who acts, commits the change together with its
// audit row, and only then does what is not in Postgres.
import {
  type AuditEntry,
  countOperators,
  operatorWithKey,
  type PrismaService,
  type PrismaTransaction,
  writeAudit,
} from '@quittance/persistence';
import type { Clock, Secret } from '@quittance/platform';
import { userInfo } from 'node:os';
import { checkEvidence, checkName } from './evidence.js';
import { OperatorError } from './operator-error.js';
import { digestOfOperatorKey, isOperatorKeyForm } from './operator-key.js';

/**
 * One person at the CLI: the database they work on, and what they say about themselves; {@link act}
 * checks it.
 */
export interface OperatorSession {
  readonly prisma: PrismaService;
  readonly clock: Clock;
  readonly claims: {
    /** `QUITTANCE_OPERATOR_KEY`. */
    readonly key: Secret<string> | undefined;
    /** `--why`. */
    readonly why: string | undefined;
    /** `OPERATOR_WHY_REQUIRED`. */
    readonly isWhyRequired: boolean;
  };
}

/** What one command says about who acts and why, besides the session. */
export interface ActionOptions {
  /** `--by`: accepted only while no operator is registered. */
  readonly by?: string | undefined;
  /** `--evidence`: stands for `--why`. */
  readonly evidence?: string;
}

/** A person in the middle of a change. */
export interface ActionContext {
  /** In the transaction of the change. */
  readonly tx: PrismaTransaction;
  readonly at: Date;
  readonly who: string;
  /** Whether `who` is proven by a key. */
  readonly isRegistered: boolean;
  readonly why: string | null;
  /**
   * Adds a row to the audit. It is written at the end of the transaction, where it blocks others
   * for the shortest time.
   */
  readonly audit: (entry: AuditDraft) => void;
  /**
   * For changes outside Postgres: they run once the audit is committed, so that the audit may say
   * too much but never too little.
   */
  readonly afterCommit: (work: () => Promise<void>) => void;
}

/** An action without what {@link ActionContext} knows; its own `why` goes before that. */
export type AuditDraft = Omit<AuditEntry, 'at' | 'operator' | 'why'> &
  Partial<Pick<AuditEntry, 'why'>>;

/**
 * Runs `work` in a transaction as the person at the CLI. Throws {@link OperatorError} when they may
 * not act, or do not say why.
 */
export async function act<T>(
  session: OperatorSession,
  options: ActionOptions,
  work: (acting: ActionContext) => Promise<T>,
): Promise<T> {
  const why = reasonFor(session, options);
  const by = options.by === undefined ? undefined : checkName(options.by);
  const afterwards: (() => Promise<void>)[] = [];
  const result = await session.prisma.$transaction(async (tx) => {
    const at = session.clock.now();
    const person = await identifyOperator(session, tx, by);
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

function reasonFor(
  { claims: { why, isWhyRequired } }: OperatorSession,
  { evidence }: ActionOptions,
) {
  if (evidence !== undefined) {
    if (why === undefined) return checkEvidence(evidence);
    throw new OperatorError('--evidence says why; leave --why out.');
  }
  if (why !== undefined) return checkEvidence(why, '--why');
  if (!isWhyRequired) return null;
  throw new OperatorError('Say why with --why "…": OPERATOR_WHY_REQUIRED asks for it.');
}

async function identifyOperator(
  { claims: { key } }: OperatorSession,
  tx: PrismaTransaction,
  by: string | undefined,
) {
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
