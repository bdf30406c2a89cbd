// Ends a refund's doubt with what an operator saw at the gateway.
import { decideRefund, type RefundedPayment, refundStatusToWire } from '@quittance/payments';
import {
  auditedRefund,
  type Proposal,
  Refunds,
  Terminals,
  writeRefundChange,
} from '@quittance/persistence';
import { crashPoint, InvariantViolation } from '@quittance/platform';
import { act, type ActionContext, type ActionOptions } from '../act.js';
import { OperatorError } from '../operator-error.js';
import { approvalOf, needsSecondForAmount, propose } from '../proposals.js';
import { ConcurrentChangeError, retryOnConflict } from '../retry-on-conflict.js';
import type { ActingOperator } from './resolve-payment.js';

/** The outcomes that an operator can see: the gateway accepted the refund, or it did not. */
export const REFUND_ENDS = ['accepted', 'failed'] as const;
export type RefundEnd = (typeof REFUND_ENDS)[number];

/** The outcome that an operator saw, and the evidence for it. */
export interface RefundResolution extends ActionOptions {
  readonly as: RefundEnd;
  readonly evidence: string;
}

/** The arguments of a proposal: the new status, and the version that the first operator saw. */
interface ResolveArguments {
  readonly as: RefundEnd;
  readonly version: number;
}

/**
 * Resolves the refund in doubt with the id that `find` returns, once the operator is proved; or
 * proposes it where a second operator is needed. Returns a message.
 * Throws {@link OperatorError} when the refund is not in doubt.
 */
export async function resolveRefund(
  operator: ActingOperator,
  find: () => Promise<string>,
  resolution: RefundResolution,
): Promise<string> {
  const { as } = resolution;
  const result = await retryOnConflict(() =>
    act(operator, resolution, async (acting) => {
      const loaded = await load(operator, await find());
      const { id, status, version, amountMinor: minor, currency } = loaded.before.refund;
      if (status !== 'inDoubt') return repeatedResolution(operator, loaded.before, as);
      if (!needsSecondForAmount(operator, acting, { minor, currency })) {
        return carryOut(acting, { ...loaded, as });
      }
      const given: ResolveArguments = { as, version };
      const subject = { kind: 'refund', id } as const;
      return propose(operator, acting, { action: 'refunds resolve', subject, arguments: given });
    }),
  );
  crashPoint('refund-resolve.after-commit');
  return result;
}

/**
 * Returns a message for a repeated resolution, which is not an error even after the gateway has
 * moved the refund on. Throws {@link OperatorError} otherwise.
 */
async function repeatedResolution(
  { prisma }: ActingOperator,
  before: RefundedPayment,
  as: RefundEnd,
): Promise<string> {
  const { id: refundId, reference } = before.refund;
  const done = await prisma.refundEvent.findFirst({
    where: { refundId, cause: 'operator', status: as },
  });
  if (done) return `${reference} is already resolved as ${as}, at ${done.createdAt.toISOString()}.`;
  throw notInDoubt(before);
}

/** Resolves a refund as proposed, if it is unchanged since the proposal. */
export async function resolveRefundAsProposed(
  operator: ActingOperator,
  acting: ActionContext,
  proposal: Proposal,
): Promise<string> {
  const { as, version } = proposal.arguments as ResolveArguments;
  const loaded = await load(operator, proposal.subject.id);
  const { reference, status, version: present } = loaded.before.refund;
  if (present !== version) {
    throw new OperatorError(
      `${reference} has changed since the proposal: it is ${refundStatusToWire(status)}. Nothing was changed.`,
    );
  }
  return carryOut(acting, { ...loaded, as, proposal });
}

/**
 * Stores the transition and its audit row. Throws {@link ConcurrentChangeError} when the refund or
 * the payment has changed since they were loaded.
 */
async function carryOut(
  acting: ActionContext,
  what: {
    readonly before: RefundedPayment;
    readonly terminalName: string;
    readonly as: RefundEnd;
    readonly proposal?: Proposal;
  },
): Promise<string> {
  const { before, terminalName, as, proposal } = what;
  const { refund } = before;
  const note = `${proposal?.proposedBy ?? acting.who}: ${proposal?.why ?? acting.why}`;
  const decision = decideRefund(before, { cause: 'operator', as, note }, acting.at);
  if (!decision.move) throw notInDoubt(before);
  if (!(await writeRefundChange(acting.tx, { before, decision, terminalName }))) {
    throw new ConcurrentChangeError();
  }
  const { next } = decision;
  acting.audit({
    action: 'refunds resolve',
    subject: { kind: 'refund', id: refund.id },
    sequence: next.version,
    before: auditedRefund(refund),
    after: auditedRefund(next),
    ...approvalOf(proposal),
  });
  crashPoint('refund-resolve.before-commit');
  return `${refund.reference} is now ${as}; it was in doubt (${refund.doubtReason ?? 'unknown'}).`;
}

async function load({ pool }: ActingOperator, id: string) {
  const before = await new Refunds(pool).load(id);
  const terminal = before && (await Terminals.withoutKeys(pool).load(before.payment.terminalId));
  if (!terminal) throw new InvariantViolation('refund_vanished', `refund ${id} is gone`);
  return { before, terminalName: terminal.name };
}

function notInDoubt({ refund: { reference, status } }: RefundedPayment): OperatorError {
  return new OperatorError(`${reference} is not in doubt: it is ${refundStatusToWire(status)}.`);
}
