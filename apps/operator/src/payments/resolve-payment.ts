// `resolve <reference>`: an operator with evidence ends a payment's doubt. The transition, its
// event and the audit row commit together.
import {
  decide,
  type Payment,
  type PaymentStatus,
  resolvableStatuses,
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
import { type Command, InvalidArgumentError } from 'commander';
import {
  act,
  type ActionContext,
  approvalOf,
  needsSecondForAmount,
  OperatorError,
  ConcurrentChangeError,
  propose,
  retryOnConflict,
} from '@quittance/operations';
import { findPayment } from './find-by-reference.js';
import type { Operator, RunCommand } from '../command/operator.js';

interface ResolveOptions {
  readonly as: PaymentStatus;
  readonly evidence: string;
  readonly by?: string;
  readonly merchant?: string;
}

/** The arguments of a proposal: the new status, and the version that the first operator saw. */
interface ResolveArguments {
  readonly as: string;
  readonly version: number;
}

export function addResolveCommand(program: Command, run: RunCommand): void {
  program
    .command('resolve <reference>')
    .description(
      'end a payment’s doubt with evidence; a later report from the gateway still overrides it',
    )
    .requiredOption('--as <status>', `the outcome: ${resolvableWords()}`, parseResolvable)
    .requiredOption('--evidence <text>', 'what you saw and where; stored permanently, no card data')
    .option('--by <name>', 'your name, while no operator is registered (default: your login)')
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: ResolveOptions) =>
      run((operator) => resolvePayment(operator, reference, options)),
    );
}

/** Returns all resolvable statuses, for help and errors. */
const resolvableWords = () => resolvableStatuses.map(statusToWire).join(', ');

/** Parses `--as`. Throws commander's InvalidArgumentError. */
function parseResolvable(text: string): PaymentStatus {
  const status = statusFromWire(text);
  if (status && (resolvableStatuses as readonly PaymentStatus[]).includes(status)) return status;
  throw new InvalidArgumentError(
    `Only a final status is allowed: ${resolvableWords()}. A later report from the gateway still counts, and nothing is sent again.`,
  );
}

async function resolvePayment(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const result = await retryOnConflict(() =>
    act(operator, options, async (acting) => {
      const { id } = await findPayment(operator, reference, options);
      const loaded = await load(operator, id);
      const { payment } = loaded;
      const { amountMinor: minor, currency } = payment;
      const isPossible = decide(payment, { cause: 'operator', to: options.as }, acting.at).move;
      if (!isPossible) return repeatedResolution(operator, payment, options.as);
      if (!needsSecondForAmount(operator, acting, { minor, currency })) {
        return carryOut(acting, { ...loaded, to: options.as });
      }
      const given: ResolveArguments = { as: statusToWire(options.as), version: payment.version };
      const subject = { kind: 'payment', id } as const;
      return propose(operator, acting, { action: 'resolve', subject, arguments: given });
    }),
  );
  crashPoint('resolve.after-commit');
  operator.output.result(result, { reference, done: result });
}

/** Resolves a payment as proposed, if it is unchanged since the proposal. */
export async function resolveAsProposed(
  operator: Operator,
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

async function load({ pool }: Operator, id: string) {
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
  { prisma }: Operator,
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
