// `inquire <reference>`: inquires about a payment at the gateway now.
import { inquireNow } from '@quittance/operations';
import type { Command } from 'commander';
import type { Operator, RunCommand } from '../command/operator.js';
import { findPayment } from './find-by-reference.js';

interface InquireOptions {
  readonly merchant?: string;
}

export function addInquireCommand(program: Command, run: RunCommand): void {
  program
    .command('inquire <reference>')
    .description('ask the gateway about a payment now, instead of at the next planned time')
    .option('--merchant <name>', 'the merchant, when several use the reference')
    .action((reference: string, options: InquireOptions) =>
      run((operator) => inquire(operator, reference, options)),
    );
}

async function inquire(
  operator: Operator,
  reference: string,
  options: InquireOptions,
): Promise<void> {
  const { id } = await findPayment(operator, reference, options);
  const done = await inquireNow(operator, id);
  operator.output.result(done, { reference, done });
}
