// Runs steps 1 to 10 of the create call in the gateway's order. The first failed check determines
// the response, and no row is saved (protocol §1.3). A request that passes yields the facts for its
// row.
import type { Behaviour } from '../generation/generation.js';
import type { Terminal } from '../transactions/terminal.js';
import type { Ledger } from '../transactions/ledger.js';
import type { GatewayReply } from '../wire/gateway-reply.js';
import { type Parameters, parseJavaDouble } from '@quittance/gateway-protocol';
import type { Block, Blocklist } from './blocklist.js';
import { cleanCardNumber, hasReadableBin, passesLuhn, testOutcome } from './card.js';
import * as refuse from '../wire/error-replies.js';
import type { OpenedRequest } from './open-request.js';

export interface CheckedRequest {
  readonly parameters: Parameters;
  readonly terminal: Terminal;
  readonly acquirer: number;
  readonly amount: number;
  /** The cleaned number; undefined without a card, or when a block skipped the card step. */
  readonly card: string | undefined;
  readonly isTestCard: boolean;
  readonly block: Block | undefined;
  /** The code that is saved in the row. */
  readonly orderStatus: number;
}

/** The context of a create call. */
export interface CreateContext {
  /** `scheme://host[:port]/api/` as the caller addressed it (§4.2). */
  readonly baseUrl: string;
  /** A scripted refusal. */
  readonly refusal: refuse.ScriptedRefusal | refuse.ScriptedLateRefusal | undefined;
}

interface Surroundings {
  readonly ledger: Ledger;
  readonly blocklist: Blocklist;
  readonly behaviour: Behaviour;
}

type Refused = { readonly refusal: GatewayReply };

export function checkRequest(
  opened: OpenedRequest,
  context: CreateContext,
  { ledger, blocklist, behaviour }: Surroundings,
): CheckedRequest | Refused {
  const { parameters, terminal } = opened;
  const early =
    refuseBody(opened) ?? refuseTerminal(opened, ledger, behaviour) ?? refuseDecryption(opened);
  if (early) return { refusal: early };
  const amount = readAmount(parameters);
  if (typeof amount !== 'number') return amount;
  const acquirer = readAcquirer(terminal, behaviour);
  if (typeof acquirer !== 'number') return acquirer;
  // Only a request with a known public key passes the acquirer step.
  if (!terminal) return { refusal: refuse.invalidConnector() };
  const numbers = refuseNumbers(parameters, behaviour) ?? scriptedRefusal(context.refusal);
  if (numbers) return { refusal: numbers };
  const base = { parameters, terminal, acquirer, amount };
  return { ...base, ...readCard(parameters, blocklist, behaviour) };
}

function refuseBody({ bodyFault }: OpenedRequest): GatewayReply | undefined {
  return bodyFault === undefined ? undefined : refuse.catchAll(bodyFault);
}

/**
 * Step 2: finds the terminal by its key, then checks the unique reference among the fields sent in
 * clear (§11).
 */
function refuseTerminal(
  { outer, terminal }: OpenedRequest,
  ledger: Ledger,
  behaviour: Behaviour,
): GatewayReply | undefined {
  if (!outer.has('public_key')) return undefined;
  if (!terminal) return refuse.terminalNotFound();
  if (!behaviour.hasUniqueReference || outer.get('unique_reference') !== 'Y') return undefined;
  const reference = outer.get('reference');
  if (reference === undefined) return refuse.terminalStepFailed('reference is null');
  const rows = ledger.withReference(reference).filter((row) => row.merchant === terminal.merchant);
  // The look-up expects at most one row, so a second row is an error instead of a duplicate.
  if (rows.length > 1) {
    return refuse.terminalStepFailed(`query did not return a unique result: ${rows.length}`);
  }
  return rows.length === 1 ? refuse.referenceExists(reference) : undefined;
}

/** Step 3. */
function refuseDecryption({ decryptionFault }: OpenedRequest): GatewayReply | undefined {
  return decryptionFault === undefined ? undefined : refuse.decryptionFailed(decryptionFault);
}

/** Step 4. NaN passes, because it is neither zero nor negative (§1.2). */
function readAmount(parameters: Parameters): number | Refused {
  const text = parameters.get('bill_amt');
  if (text === undefined || text === '') return { refusal: refuse.amountMissing() };
  const amount = parseJavaDouble(text);
  if (amount === undefined) return { refusal: refuse.catchAll(`For input string: "${text}"`) };
  return amount <= 0 ? { refusal: refuse.amountNotPositive() } : amount;
}

/** Step 5. Without a public key there is no terminal and so no acquirer (§3.3). */
function readAcquirer(terminal: Terminal | undefined, behaviour: Behaviour): number | Refused {
  if (!terminal) return { refusal: refuse.invalidConnector() };
  if (terminal.acquirer !== null) return terminal.acquirer;
  return {
    refusal: behaviour.hasRules
      ? refuse.acquirerMissing()
      : refuse.scriptedRefusals.connectorNotFound(),
  };
}

/** Rejects parameters that the server parses as whole numbers and fails on otherwise (§1.2). */
function refuseNumbers(parameters: Parameters, behaviour: Behaviour): GatewayReply | undefined {
  const names = behaviour.overwritesTerminalNumber ? ['jqp', 'vqp'] : ['terNO', 'jqp', 'vqp'];
  for (const name of names) {
    const value = parameters.get(name);
    if (value !== undefined && !/^[+-]?\d{1,9}$/.test(value)) {
      return refuse.catchAll(`For input string: "${value}"`);
    }
  }
  return undefined;
}

/** The parts of steps 5 to 9 that depend on rules and rates that the sandbox does not have. */
function scriptedRefusal(refusal: CreateContext['refusal']): GatewayReply | undefined {
  const make =
    refusal && Object.entries(refuse.scriptedRefusals).find(([name]) => name === refusal);
  return make?.[1]();
}

type CardFacts = Pick<CheckedRequest, 'card' | 'isTestCard' | 'block' | 'orderStatus'>;

/** Steps 6 to 10: BIN, block list, card. The older server ignores the card of a blocked request. */
function readCard(
  parameters: Parameters,
  blocklist: Blocklist,
  behaviour: Behaviour,
): CardFacts | Refused {
  const block = blocklist.blockFor(parameters, behaviour);
  const sent = parameters.get('ccno');
  const hasCard = sent !== undefined && !(sent === '' && behaviour.ignoresEmptyCard);
  if (!hasCard || (block && behaviour.blockedCard === 'skipped')) {
    return { card: undefined, isTestCard: false, block, orderStatus: block?.orderStatus ?? 0 };
  }
  const card = cleanCardNumber(sent);
  if (!hasReadableBin(card)) return { refusal: refuse.catchAll('begin 0, end 6, length 0') };
  const testCode = testOutcome(card);
  if (testCode === undefined && !passesLuhn(card)) return { refusal: refuse.invalidCard() };
  // A blocked test card gets a 403 but keeps its test code (§3.3).
  const orderStatus = testCode ?? block?.orderStatus ?? 0;
  return { card, isTestCard: testCode !== undefined, block, orderStatus };
}
