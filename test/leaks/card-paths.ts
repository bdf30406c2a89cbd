// Sends cards down every path of the system and records every response. Their contents are searched
// elsewhere; the outcomes here prove that the paths were taken.
import { LIES, scriptLie, type Lie } from '../chaos/gateway-lies/lies.js';
import type { ChaosStack } from '../chaos/stack/chaos-stack.js';
import { inParallel } from '../chaos/waiting.js';
import { operate } from '../../tools/stack/operator.js';
import { gatewayFormRequests, type GatewayFormOutcomes } from './gateway-form-requests.js';
import { hostileCallbacks, hostileJobs } from './hostile-messages.js';
import { failedJobs, outages, workerCrashes, type FailedJob } from './process-faults.js';
import { JobPublisher } from '../chaos/publisher.js';
import { cardFields, PAYMENTS_PATH, RecordingCaller, TERMINALS } from './recording-caller.js';
import { rejectedRefunds, rejectedRequests } from './rejected-requests.js';
import {
  rejectedSealedCards,
  sealedPaymentsAndRefunds,
  sealedRequest,
  settlesAs,
  unusableSealedCards,
} from './sealed-cards.js';
import type { CanaryCard } from './canaries.js';
import type { Artifact } from './search.js';

const AT_ONCE = 8;
/** The acquirer's codes, and the status to which each leads. */
const ENDS = {
  1: 'succeeded',
  2: 'declined',
  22: 'expired',
  0: 'requires_action',
};
const OPERATOR_COMMANDS = [
  ['explain', 'dead-row-x'],
  ['explain', 'sealed-main'],
  ['terminals', 'list'],
  ['audit', 'list'],
];

/** The cards by the path that they take. */
export interface CanaryCards {
  readonly accepted: CanaryCard;
  readonly rejected: CanaryCard;
  /** Encrypted by its caller. */
  readonly sealed: CanaryCard;
  /** In jobs. */
  readonly published: CanaryCard;
}

/** The outcomes of the paths. */
export interface Outcomes {
  /** Every response and every output of the CLI. */
  readonly responses: readonly Artifact[];
  /** The reasons why jobs that contain a card were rejected. */
  readonly rejectedJobs: readonly string[];
  /** Of payments, by the gateway's codes and faults. */
  readonly statuses: readonly string[];
  /** Of payments that were the lines of a batch or a published job. */
  readonly otherDoors: readonly string[];
  readonly gatewayForm: GatewayFormOutcomes;
  /** Of payments with sealed cards, and of their refunds. */
  readonly sealedStatuses: readonly string[];
  /** Of payments whose sealed content is no card. */
  readonly unusableStatuses: readonly string[];
  readonly failedJobs: readonly FailedJob[];
  /** HTTP statuses of callbacks that contain card numbers and keys. */
  readonly callbacks: readonly number[];
  /** HTTP statuses of callers' mistakes. */
  readonly rejected: {
    readonly payments: readonly number[];
    readonly sealed: readonly number[];
    readonly refunds: readonly number[];
  };
  /** Exit codes of wrong commands of the operator's CLI. */
  readonly operator: readonly unknown[];
}

/**
 * Payments in every protocol and callback mode with every code of the acquirer, and with every
 * fault of the gateway. Resolves with their statuses.
 */
function gatewayReplies(caller: RecordingCaller, card: CanaryCard): Promise<string[]> {
  const honest = TERMINALS.flatMap((terminal) =>
    Object.entries(ENDS).map(([code, ends]) => {
      const scripts: Lie['scripts'] = [{ acquirer: settlesAs(code) }];
      return { terminal, ends, scripts };
    }),
  );
  const lies = LIES.filter(({ watchedForMs }) => !watchedForMs).map(({ scripts }) => ({
    terminal: 'main',
    ends: undefined,
    scripts,
  }));
  return inParallel([...honest, ...lies], AT_ONCE, async ({ terminal, ends, scripts }, at) => {
    const reference = `leak-${at}-x`;
    await scriptLie(caller.sandbox, reference, scripts);
    await caller.create(reference, card, { terminal }, { prefer: 'wait=2' });
    return caller.settled(reference, ends);
  });
}

/**
 * Payments as lines of a batch, in clear and encrypted, and as a published job. Resolves with their
 * statuses.
 */
async function otherDoors(caller: RecordingCaller, clear: CanaryCard, sealed: CanaryCard) {
  const references = ['line-clear', 'line-sealed', 'published-x'];
  for (const reference of references)
    await caller.sandbox.acquirer({ match: { reference }, ...settlesAs('1') });
  const lines = [
    caller.request('line-clear', clear),
    await sealedRequest(caller, 'line-sealed', sealed),
  ];
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  await caller.send('POST', `${PAYMENTS_PATH}/batch`, { body, headers });
  const publisher = await JobPublisher.of(caller.stack);
  await publisher.accept('published-x', cardFields(sealed));
  return Promise.all(references.map((reference) => caller.settled(reference, 'succeeded')));
}

/**
 * Records the CLI's output about payments whose cards must not show, and about mistakes with keys
 * and cards. Resolves with the exit codes of the mistakes.
 */
async function operatorCommands(caller: RecordingCaller, card: CanaryCard) {
  const { stack } = caller;
  const [terminal] = stack.terminals;
  const { number } = card;
  const mistakes = [
    ['explain', number],
    ['resolve', 'dead-row-x', '--as', number, '--evidence', `the card ${number}`],
    ['terminals', 'add', `--private-key=${terminal?.privateKey}`, `--name=${number}`, '--number=x'],
  ];
  const [outputs, ...failed] = await Promise.all([
    operate(stack.setup, OPERATOR_COMMANDS),
    ...mistakes.map((args) => stack.operate(args)),
  ]);
  for (const [at, output] of outputs.entries())
    caller.record(`output of the operator's CLI: ${OPERATOR_COMMANDS[at]?.join(' ')}`, output);
  for (const [at, { output }] of failed.entries())
    caller.record(`output of the operator's CLI: mistake ${at}`, output);
  return failed.map(({ code }) => code);
}

async function rejections(caller: RecordingCaller, cards: CanaryCards) {
  return {
    payments: await rejectedRequests(caller, cards.rejected),
    sealed: await rejectedSealedCards(caller, cards.sealed),
    refunds: await rejectedRefunds(caller, cards.accepted),
  };
}

/** Sends the cards down every path. */
export async function takeAllPaths(stack: ChaosStack, cards: CanaryCards): Promise<Outcomes> {
  const { accepted, sealed, published } = cards;
  const caller = new RecordingCaller(stack);
  // First, because the append-only file is rewritten afterwards.
  const rejectedJobs = await hostileJobs(caller, published);
  // Side by side, because most of the time is waiting. The faults of processes come after.
  const [
    statuses,
    others,
    gatewayForm,
    sealedStatuses,
    unusableStatuses,
    failed,
    callbacks,
    rejected,
  ] = await Promise.all([
    gatewayReplies(caller, accepted),
    otherDoors(caller, accepted, sealed),
    gatewayFormRequests(caller, cards),
    sealedPaymentsAndRefunds(caller, sealed),
    unusableSealedCards(caller, sealed),
    failedJobs(caller, sealed),
    hostileCallbacks(caller, accepted),
    rejections(caller, cards),
  ]);
  const [operator] = await Promise.all([
    operatorCommands(caller, accepted),
    workerCrashes(caller, accepted, sealed),
  ]);
  await outages(caller, accepted);
  return {
    responses: caller.responses,
    rejectedJobs,
    statuses,
    otherDoors: others,
    gatewayForm,
    sealedStatuses,
    unusableStatuses,
    failedJobs: failed,
    callbacks,
    rejected,
    operator,
  };
}
