// `explain <reference>`: what became of a payment, and why.
import { loadHistory, Payments, Terminals, TransactionOwners } from '@quittance/persistence';
import { InvariantViolation } from '@quittance/platform';
import type { Command } from 'commander';
import { findPayment } from '../payments/find-payment.js';
import type { Operator } from '../command/operator.js';
import type { RunCommand } from '../command/run-command.js';
import { explanation } from './explanation.js';

interface ExplainOptions {
  readonly merchant?: string;
}

export function addExplainCommand(program: Command, run: RunCommand): void {
  program
    .command('explain <reference>')
    .description(
      'every move of a payment with its cause, attempt and raw code, and what comes next',
    )
    .option('--merchant <name>', 'whose payment, where several merchants use the reference')
    .action((reference: string, options: ExplainOptions) =>
      run((operator) => explain(operator, reference, options)),
    );
}

async function explain(
  operator: Operator,
  reference: string,
  options: ExplainOptions,
): Promise<void> {
  const { prisma, pool, clock, print } = operator;
  const { id, merchantName } = await findPayment(operator, reference, options);
  const loaded = await new Payments(pool).load(id);
  const terminal = loaded && (await Terminals.withoutKeys(pool).load(loaded.payment.terminalId));
  if (!terminal) throw new InvariantViolation('payment_vanished', `payment ${id} is gone`);
  const { payment } = loaded;
  const history = await loadHistory(prisma, id);
  const concerned = await new TransactionOwners(pool).concerned(payment);
  const now = clock.now();
  print(explanation({ merchantName, payment, terminal, history, concerned, now }));
}
