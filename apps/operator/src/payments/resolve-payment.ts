// `resolve <reference>`: an operator with evidence ends a payment's doubt.
import {
  type PaymentStatus,
  resolvableStatuses,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import { resolvePayment } from '@quittance/operations';
import { type Command, InvalidArgumentError } from 'commander';
import { findPayment } from './find-by-reference.js';
import type { Operator, RunCommand } from '../command/operator.js';

interface ResolveOptions {
  readonly as: PaymentStatus;
  readonly evidence: string;
  readonly by?: string;
  readonly merchant?: string;
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
      run((operator) => resolve(operator, reference, options)),
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

async function resolve(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const find = async () => (await findPayment(operator, reference, options)).id;
  const result = await resolvePayment(operator, find, options);
  operator.output.result(result, { reference, done: result });
}
