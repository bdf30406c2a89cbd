// `refunds resolve <reference>`: an operator with evidence ends a refund's doubt.
import { REFUND_ENDS, type RefundEnd, resolveRefund } from '@quittance/operations';
import { type Command, Option } from 'commander';
import { findRefund } from './find-by-reference.js';
import type { Operator, RunCommand } from '../command/operator.js';

interface ResolveOptions {
  readonly as: RefundEnd;
  readonly evidence: string;
  readonly by?: string;
  readonly merchant?: string;
}

/** Adds `resolve` to the command `refunds`. */
export function addResolveRefundCommand(refunds: Command, run: RunCommand): void {
  refunds
    .command('resolve <reference>')
    .description('end a refund’s doubt with what you saw at the gateway')
    .addOption(
      new Option('--as <status>', 'whether the gateway accepted it')
        .choices(REFUND_ENDS)
        .makeOptionMandatory(),
    )
    .requiredOption('--evidence <text>', 'what you saw and where; stored permanently, no card data')
    .option('--by <name>', 'your name, while no operator is registered (default: your login)')
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: ResolveOptions) =>
      run((operator) => resolve(operator, reference, options)),
    );
}

async function resolve(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const find = () => findRefund(operator, reference, options);
  const result = await resolveRefund(operator, find, options);
  operator.output.result(result, { reference, done: result });
}
