// `refunds resolve <reference>`: a person with evidence takes a refund out of doubt.
import { userInfo } from 'node:os';
import { decideRefund, type Refund, refundStatusToWire } from '@quittance/payments';
import { Refunds, Terminals } from '@quittance/persistence';
import { crashPoint, InvariantViolation } from '@quittance/platform';
import { type Command, Option } from 'commander';
import type { Operator } from './operator.js';
import { OperatorError } from './operator-error.js';
import type { RunCommand } from './run-command.js';

interface ResolveOptions {
  readonly as: 'accepted' | 'failed';
  readonly evidence: string;
  readonly by: string;
  readonly merchant?: string;
}

/** Enough for what was seen, where and when; more belongs into a ticket that is named here. */
const EVIDENCE_LENGTH_MAX = 500;
/** Twelve digits in a row, typed with blanks or dashes or without: perhaps a card number, which is kept nowhere. */
const CARD_NUMBER_LIKE = /\d(?:[ -]?\d){11,}/;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

export function addRefundCommands(program: Command, run: RunCommand): void {
  const refunds = program.command('refunds').description('refunds of payments');
  refunds
    .command('resolve <reference>')
    .description('end the doubt about a refund by what you saw at the gateway')
    .addOption(
      new Option('--as <status>', 'whether the gateway took it')
        .choices(['accepted', 'failed'])
        .makeOptionMandatory(),
    )
    .requiredOption('--evidence <text>', 'what you saw and where; kept for ever, no card data')
    .option('--by <name>', 'who says so', userInfo().username)
    .option('--merchant <name>', 'whose refund, where several merchants use the reference')
    .action((reference: string, options: ResolveOptions) =>
      run((operator) => resolveRefund(operator, reference, options)),
    );
}

async function resolveRefund(
  operator: Operator,
  reference: string,
  options: ResolveOptions,
): Promise<void> {
  const { prisma, pool, clock, print } = operator;
  const note = `${checked('--by', options.by)}: ${checked('--evidence', options.evidence)}`;
  const refunds = new Refunds(pool);
  const loaded = await refunds.load(await findRefund(operator, reference, options));
  const terminal = loaded && (await new Terminals(pool).load(loaded.payment.terminalId));
  if (!terminal) throw new InvariantViolation('refund_vanished', `refund ${reference} is gone`);
  const { as } = options;
  const change = await refunds.apply(loaded, (before) => {
    const decision = decideRefund(before, { cause: 'operator', as, note }, clock.now());
    if (!decision.move) return undefined;
    crashPoint('refund-resolve.before-commit');
    return { before, decision, terminalName: terminal.name };
  });
  if (!change) return print(await unmoved(prisma, loaded.refund, as));
  crashPoint('refund-resolve.after-commit');
  const doubt = change.before.refund.doubtReason ?? 'unknown';
  print(`${reference} is ${as} now; it was in doubt (${doubt}).`);
}

/** A repeat is no fault, also after the gateway has moved the refund on; anything else is refused with what the refund is. */
async function unmoved(
  prisma: Operator['prisma'],
  { id, reference, status }: Refund,
  as: ResolveOptions['as'],
): Promise<string> {
  const events = await prisma.refundEvent.findMany({
    where: { refundId: id },
    orderBy: { sequence: 'asc' },
  });
  const done = events.find((event) => event.cause === 'operator' && event.status === as);
  if (done) return `${reference} is already resolved as ${as}, at ${done.createdAt.toISOString()}.`;
  throw notInDoubt(reference, refundStatusToWire(events.at(-1)?.status ?? status));
}

/** By the merchant's reference, or by our own id. */
async function findRefund(
  { prisma }: Operator,
  reference: string,
  { merchant }: ResolveOptions,
): Promise<string> {
  const found = await prisma.refund.findMany({
    where: {
      OR: [{ reference }, { id: reference }],
      ...(merchant !== undefined && { payment: { terminal: { merchant: { name: merchant } } } }),
    },
    select: { id: true },
  });
  const [refund] = found;
  if (!refund) throw new OperatorError(`There is no refund with the reference ${reference}.`);
  if (found.length === 1) return refund.id;
  throw new OperatorError(
    `${found.length} merchants have a refund ${reference}; choose with --merchant.`,
  );
}

function checked(option: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > EVIDENCE_LENGTH_MAX || UNPRINTABLE.test(trimmed)) {
    throw new OperatorError(
      `${option} must be one line of 1 to ${EVIDENCE_LENGTH_MAX} characters.`,
    );
  }
  if (CARD_NUMBER_LIKE.test(trimmed)) {
    throw new OperatorError(`${option} must not hold anything like a card number.`);
  }
  return trimmed;
}

function notInDoubt(reference: string, status: string): OperatorError {
  return new OperatorError(`${reference} is not in doubt: it is ${status}.`);
}
