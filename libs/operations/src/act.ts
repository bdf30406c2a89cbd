// Runs an operator's change: `act` identifies the operator, commits the change together with its
// audit row, and only then runs the steps outside Postgres.
import {
  type AuditEntry,
  type OperatorRights,
  type PrismaService,
  type PrismaTransaction,
  writeAudit,
} from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import { checkEvidence, checkName } from './evidence.js';
import { OperatorError } from './operator-error.js';

/** An operator as proved in the transaction of a change. */
export interface Identity {
  readonly who: string;
  /** True when `who` is a registered operator, whom a key proves. */
  readonly isRegistered: boolean;
  readonly rights: OperatorRights;
}

/**
 * Proves the operator, and holds the proof until the transaction ends: no one acts with a key that
 * is being revoked. `by` is a name that the operator claims. Throws {@link OperatorError}.
 */
export type Identify = (tx: PrismaTransaction, by: string | undefined) => Promise<Identity>;

/** An operator's session: the database, and the operator's claims, which {@link act} verifies. */
export interface OperatorSession {
  readonly prisma: PrismaService;
  readonly clock: Clock;
  readonly identify: Identify;
  /** `--why`, or the `why` of a request. */
  readonly why: string | undefined;
  /** `OPERATOR_WHY_REQUIRED`. */
  readonly isWhyRequired: boolean;
}

/** The options of one command that name the operator and the reason. */
export interface ActionOptions {
  /** `--by`: accepted only while no operator is registered. */
  readonly by?: string | undefined;
  /** `--evidence`: replaces `--why`. */
  readonly evidence?: string;
  /** The rights that the action needs; `act` by default. */
  readonly needs?: OperatorRights;
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
    const { rights, ...person } = await session.identify(tx, by);
    if (rights === 'read' && options.needs !== 'read') {
      throw new OperatorError(`"${person.who}" may read, and not act.`);
    }
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
  { why, isWhyRequired }: OperatorSession,
  { evidence }: ActionOptions,
): string | null {
  if (evidence !== undefined) {
    if (why === undefined) return checkEvidence(evidence);
    throw new OperatorError('--evidence already gives the reason; omit --why.');
  }
  if (why !== undefined) return checkEvidence(why, '--why');
  if (!isWhyRequired) return null;
  throw new OperatorError('Give a reason with --why "…": OPERATOR_WHY_REQUIRED is set.');
}
