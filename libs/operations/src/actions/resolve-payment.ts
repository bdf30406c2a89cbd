// Ends a payment's doubt with an operator's evidence. The transition, its event and the audit row
// commit together.
import {
  decide,
  type Payment,
  type PaymentStatus,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import {
  auditedPayment,
  latestResolution,
  Payments,
  type Proposal,
  Terminals,
  writePaymentChange,
} from '@quittance/persistence';
import { crashPoint, InvariantViolation } from '@quittance/platform';
import type { Pool } from 'pg';
import { act, type ActionContext, type ActionOptions, type OperatorSession } from '../act.js';
import { OperatorError } from '../operator-error.js';
import { approvalOf, type FourEyes, needsSecondForAmount, propose } from '../proposals.js';
import { ConcurrentChangeError, retryOnConflict } from '../retry-on-conflict.js';

/** An operator who acts on payments and refunds. */
export interface ActingOperator extends OperatorSession {
  readonly pool: Pool;
  /** The limits above which a second operator is needed. */
  readonly fourEyes: FourEyes;
}

/** The outcome that an operator saw, and the evidence for it. */
export interface PaymentResolution extends ActionOptions {
  readonly as: PaymentStatus;
  readonly evidence: string;
}

/** The arguments of a proposal: the new status, and the version that the first operator saw. */
interface ResolveArguments {
  readonly as: string;
  readonly version: number;
}

/**
 * Resolves the payment in doubt with the id that `find` returns, once the operator is proved; or
 * proposes it where a second operator is needed. Returns a message.
 * Throws {@link OperatorError} when the payment is not in doubt.
 */
export async function resolvePayment(
  operator: ActingOperator,
  find: () => Promise<string>,
  resolution: PaymentResolution,
): Promise<string> {
  const { as } = resolution;
  const result = await retryOnConflict(() =>
    act(operator, resolution, async (acting) => {
      const id = await find();
      const loaded = await load(operator, id);
      const { payment } = loaded;
      const { amountMinor: minor, currency } = payment;
      const isPossible = decide(payment, { cause: 'operator', to: as }, acting.at).move;
      if (!isPossible) return repeatedResolution(operator, payment, as);
      if (!needsSecondForAmount(operator, acting, { minor, currency })) {
        return carryOut(acting, { ...loaded, to: as });
      }
      const given: ResolveArguments = { as: statusToWire(as), version: payment.version };
      const subject = { kind: 'payment', id } as const;
      return propose(operator, acting, { action: 'resolve', subject, arguments: given });
    }),
  );
  crashPoint('resolve.after-commit');
  return result;
}

/** Resolves a payment as proposed, if it is unchanged since the proposal. */
export async function resolveAsProposed(
  operator: ActingOperator,
  acting: ActionContext,
  proposal: Proposal,
): Promise<string> {
  const { as, version } = proposal.arguments as ResolveArguments;
  const to = statusFromWire(as);
  const loaded = await load(operator, proposal.subject.id);
  const { reference, status, version: present } = loaded.payment;
  if (!to || present !== version) {
    throw new OperatorError(
      `${reference} has changed since the proposal: it is ${statusToWire(status)}. Nothing was changed.`,
    );
  }
  return carryOut(acting, { ...loaded, to, proposal });
}

/**
 * Stores the transition and its audit row. Throws {@link ConcurrentChangeError} when the payment
 * has changed since it was loaded.
 */
async function carryOut(
  acting: ActionContext,
  what: {
    readonly payment: Payment;
    readonly terminalName: string;
    readonly to: PaymentStatus;
    readonly proposal?: Proposal;
  },
): Promise<string> {
  const { payment: before, terminalName, to, proposal } = what;
  const decision = decide(before, { cause: 'operator', to }, acting.at);
  if (!decision.move) throw notInDoubt(before);
  if (!(await writePaymentChange(acting.tx, { before, decision, terminalName }))) {
    throw new ConcurrentChangeError();
  }
  const { next } = decision;
  acting.audit({
    action: 'resolve',
    subject: { kind: 'payment', id: before.id },
    sequence: next.version,
    before: auditedPayment(before),
    after: auditedPayment(next),
    ...approvalOf(proposal),
  });
  crashPoint('resolve.before-commit');
  return `${before.reference} is now ${statusToWire(to)}; it was in doubt (${before.doubtReason}).`;
}

async function load({ pool }: ActingOperator, id: string) {
  const loaded = await new Payments(pool).load(id);
  const terminal = loaded && (await Terminals.withoutKeys(pool).load(loaded.payment.terminalId));
  if (!terminal) throw new InvariantViolation('payment_vanished', `payment ${id} is gone`);
  return { payment: loaded.payment, terminalName: terminal.name };
}

/**
 * Returns a message for a repeated resolution, which is not an error. Throws {@link OperatorError}
 * otherwise.
 */
async function repeatedResolution(
  { prisma }: ActingOperator,
  payment: Payment,
  to: PaymentStatus,
): Promise<string> {
  const done = await latestResolution(prisma, payment.id);
  if (payment.status === to && done?.sequence === payment.version) {
    return `${payment.reference} is already resolved as ${statusToWire(to)}, by ${done.operator} at ${done.at.toISOString()}.`;
  }
  throw notInDoubt(payment);
}

function notInDoubt({ reference, status }: Payment): OperatorError {
  return new OperatorError(
    `${reference} is not in doubt: it is ${statusToWire(status)}. "explain ${reference}" shows why.`,
  );
}
