// `resolve <reference>`: a person with evidence ends a doubt. The move, its event and who did it commit together.
import { userInfo } from 'node:os';
import {
  decide,
  type Payment,
  type PaymentStatus,
  resolvableStatuses,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import { OperatorActions, Payments, Terminals } from '@quittance/persistence';
import { crashPoint, InvariantViolation } from '@quittance/platform';
import { type Command, InvalidArgumentError } from 'commander';
import { findPayment } from '../find-payment.js';
import type { Operator } from '../operator.js';
import { OperatorError } from '../operator-error.js';
import type { RunCommand } from '../run-command.js';
import { checkEvidence, checkName } from './evidence.js';

interface ResolveOptions {
  readonly as: PaymentStatus;
  readonly evidence: string;
  readonly by: string;
  readonly merchant?: string;
}

/** Losing the race against the gateway's own word this often means that something rewrites the payment without end. */
const RACES_MAX = 20;

export function addResolveCommand(program: Command, run: RunCommand): void {
  program
    .command('resolve <reference>')
    .description('end a doubt by a person’s word; the gateway’s own still outranks it')
    .requiredOption('--as <status>', `how it ended: ${allowed()}`, parseStatus)
    .requiredOption('--evidence <text>', 'what you saw and where; kept for ever, no card data')
    .option('--by <name>', 'who says so', userInfo().username)
    .option('--merchant <name>', 'whose payment, where several merchants use the reference')
    .action((reference: string, options: ResolveOptions) =>
      run((operator) => resolvePayment(operator, reference, options)),
    );
}

const allowed = () => resolvableStatuses.map(statusToWire).join(', ');

function parseStatus(text: string): PaymentStatus {
  const status = statusFromWire(text);
  if (status && (resolvableStatuses as readonly PaymentStatus[]).includes(status)) return status;
  throw new InvalidArgumentError(
    `Only an end can be given: ${allowed()}. What the gateway still holds will be heard of, and nothing is sent again.`,
  );
}

async function resolvePayment(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const { pool, clock, print } = operator;
  const action = {
    action: 'resolve',
    operator: checkName(options.by),
    evidence: checkEvidence(options.evidence),
  } as const;
  const { id } = await findPayment(operator, reference, options);
  const actions = new OperatorActions(pool);
  for (let race = 0; race < RACES_MAX; race += 1) {
    const { payment, terminalName } = await load(operator, id);
    const decision = decide(payment, { cause: 'operator', to: options.as }, clock.now());
    if (!decision.move) return print(await unmoved(actions, payment, options.as));
    const change = { before: payment, decision, terminalName };
    crashPoint('resolve.before-commit');
    if (await actions.record(change, action)) {
      crashPoint('resolve.after-commit');
      return print(
        `${payment.reference} is ${statusToWire(options.as)} now; it was in doubt (${payment.doubtReason}).`,
      );
    }
  }
  throw new OperatorError('The payment is changing too fast; nothing was written. Try again.');
}

async function load({ pool }: Operator, id: string) {
  const loaded = await new Payments(pool).load(id);
  const terminal = loaded && (await new Terminals(pool).load(loaded.payment.terminalId));
  if (!terminal) throw new InvariantViolation('payment_vanished', `payment ${id} is gone`);
  return { payment: loaded.payment, terminalName: terminal.name };
}

/** A repeat is no fault; anything else is refused with what the payment is. */
async function unmoved(
  actions: OperatorActions,
  { id, reference, status, version }: Payment,
  to: PaymentStatus,
): Promise<string> {
  const done = await actions.latest(id);
  const isRepeat = status === to && done?.sequence === version;
  if (isRepeat) {
    return `${reference} is already resolved as ${statusToWire(to)}, by ${done.operator} at ${done.at.toISOString()}.`;
  }
  throw new OperatorError(
    `${reference} is not in doubt: it is ${statusToWire(status)}. "explain ${reference}" shows why.`,
  );
}
