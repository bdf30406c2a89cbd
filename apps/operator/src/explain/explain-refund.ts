// `refunds explain <reference>`: shows a refund's transitions and attempts, and the next step.
import { refundFacts } from '@quittance/operations';
import { loadHistory } from '@quittance/persistence';
import { InvariantViolation } from '@quittance/platform';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { findRefund } from '../payments/find-by-reference.js';
import { refundExplanation } from './refund-explanation.js';

/** Adds `explain` to the command `refunds`. */
export function addExplainRefundCommand(refunds: Command, run: RunCommand): void {
  refunds
    .command('explain <reference>')
    .description('show every transition and attempt of a refund, and the next step')
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: { merchant?: string }) =>
      run((operator) => explainRefund(operator, reference, options)),
    );
}

async function explainRefund(
  operator: Operator,
  reference: string,
  options: { readonly merchant?: string },
): Promise<void> {
  const { prisma, clock, output } = operator;
  const id = await findRefund(operator, reference, options);
  const { paymentId } = await prisma.refund.findUniqueOrThrow({ where: { id } });
  const { refunds } = await loadHistory(prisma, paymentId);
  const refund = refunds.find((one) => one.id === id);
  if (!refund) throw new InvariantViolation('refund_vanished', `refund ${id} is gone`);
  const now = clock.now();
  output.result(refundExplanation(refund, now), refundFacts(refund, now));
}
