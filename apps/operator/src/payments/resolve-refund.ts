// `refunds resolve <reference>`: an operator with evidence ends a refund's doubt.
import { decideRefund, type RefundedPayment, refundStatusToWire } from '@quittance/payments';
import {
  auditedRefund,
  type Proposal,
  Refunds,
  Terminals,
  writeRefundChange,
} from '@quittance/persistence';
import { crashPoint, InvariantViolation } from '@quittance/platform';
import { type Command, Option } from 'commander';
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
import { findRefund } from './find-by-reference.js';
import type { Operator, RunCommand } from '../command/operator.js';

type RefundEnd = 'accepted' | 'failed';

interface ResolveOptions {
  readonly as: RefundEnd;
  readonly evidence: string;
  readonly by?: string;
  readonly merchant?: string;
}

/** The arguments of a proposal: the new status, and the version that the first operator saw. */
interface ResolveArguments {
  readonly as: RefundEnd;
  readonly version: number;
}

/** Adds `resolve` to the command `refunds`. */
export function addResolveRefundCommand(refunds: Command, run: RunCommand): void {
  refunds
    .command('resolve <reference>')
    .description('end a refund’s doubt with what you saw at the gateway')
    .addOption(
      new Option('--as <status>', 'whether the gateway accepted it')
        .choices(['accepted', 'failed'])
        .makeOptionMandatory(),
    )
    .requiredOption('--evidence <text>', 'what you saw and where; stored permanently, no card data')
    .option('--by <name>', 'your name, while no operator is registered (default: your login)')
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: ResolveOptions) =>
      run((operator) => resolveRefund(operator, reference, options)),
    );
}

async function resolveRefund(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const { as } = options;
  const result = await retryOnConflict(() =>
    act(operator, options, async (acting) => {
      const loaded = await load(operator, await findRefund(operator, reference, options));
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
  operator.output.result(result, { reference, done: result });
}

/**
 * Returns a message for a repeated resolution, which is not an error even after the gateway has
 * moved the refund on. Throws {@link OperatorError} otherwise.
 */
async function repeatedResolution(
  { prisma }: Operator,
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
  operator: Operator,
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

async function load({ pool }: Operator, id: string) {
  const before = await new Refunds(pool).load(id);
  const terminal = before && (await Terminals.withoutKeys(pool).load(before.payment.terminalId));
  if (!terminal) throw new InvariantViolation('refund_vanished', `refund ${id} is gone`);
  return { before, terminalName: terminal.name };
}

function notInDoubt({ refund: { reference, status } }: RefundedPayment): OperatorError {
  return new OperatorError(`${reference} is not in doubt: it is ${refundStatusToWire(status)}.`);
}
