// Runs an operator's change: `act` identifies the operator, commits the change together with its
// audit row, and only then runs the steps outside Postgres.
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

/** An operator's session: the database, and the operator's claims, which {@link act} verifies. */
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

/** The options of one command that name the operator and the reason. */
export interface ActionOptions {
  /** `--by`: accepted only while no operator is registered. */
  readonly by?: string | undefined;
  /** `--evidence`: replaces `--why`. */
  readonly evidence?: string;
}

/** The context of a running change. */
export interface ActionContext {
  /** The transaction of the change. */
  readonly tx: PrismaTransaction;
  readonly at: Date;
  readonly who: string;
  /** True when a key proves `who`. */
  readonly isRegistered: boolean;
  readonly why: string | null;
  /**
   * Adds an audit row. `act` writes it at the end of the transaction, where it blocks others for
   * the shortest time.
   */
  readonly audit: (entry: AuditDraft) => void;
  /**
   * Schedules a change outside Postgres. It runs once the audit row is committed, so the audit may
   * record too much but never too little.
   */
  readonly afterCommit: (work: () => Promise<void>) => void;
}

/**
 * An audit row without the fields that {@link ActionContext} supplies. Its own `why` overrides the
 * context's.
 */
export type AuditDraft = Omit<AuditEntry, 'at' | 'operator' | 'why'> &
  Partial<Pick<AuditEntry, 'why'>>;

/**
 * Runs `work` in a transaction as the operator of this session. Throws {@link OperatorError} when
 * the operator may not act or gives no reason although one is required.
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
    throw new OperatorError('--evidence already gives the reason; omit --why.');
  }
  if (why !== undefined) return checkEvidence(why, '--why');
  if (!isWhyRequired) return null;
  throw new OperatorError('Give a reason with --why "…": OPERATOR_WHY_REQUIRED is set.');
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
      'QUITTANCE_OPERATOR_KEY is set, but this database has no operators; is DATABASE_URL right?',
    );
  }
  if (by !== undefined) {
    throw new OperatorError(
      '--by is rejected once operators are registered: QUITTANCE_OPERATOR_KEY gives the name.',
    );
  }
  if (key === undefined) {
    throw new OperatorError(
      'Operators are registered here: set QUITTANCE_OPERATOR_KEY to your key to make changes.',
    );
  }
  const text = key.reveal();
  const who = isOperatorKeyForm(text)
    ? await operatorWithKey(tx, digestOfOperatorKey(text))
    : undefined;
  if (who !== undefined) return { who, isRegistered: true };
  throw new OperatorError('QUITTANCE_OPERATOR_KEY is unknown or revoked.');
}
