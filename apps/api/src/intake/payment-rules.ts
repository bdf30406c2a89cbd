// Validates a create request across fields: amount and currency, method and card, card and date,
// card and terminal. It checks all fields that are valid by themselves, so that a caller gets every
// fault at once.
import { type CardFault, cardFaults, cardSchema, type ReadCard } from '@quittance/cards';
import { billAmountFault, type BillAmountFault } from '@quittance/gateway-protocol';
import { type AmountProblem, currencyExponent, type Money, parseAmount } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';
import { type FaultEntry, InvalidRequest } from '@quittance/platform';
import { checkAgainst } from '@quittance/server';
import { CARD_JWE_CHARS_MAX, cardJweFault, type CardJweFault, type KeySet } from '@quittance/vault';
import type { z } from 'zod';
import { type CreatePayment, createPaymentSchema } from '../payments/create-payment.schema.js';
import { containsCardOf, strayCardFaults } from './stray-card.js';

/** The data that a request is validated against. */
export interface RequestContext {
  /** The terminal in the request; `undefined` when the merchant has no terminal of that name. */
  readonly terminal: TerminalWithoutKey | undefined;
  readonly now: Date;
  /** The keys of this process. A sealed card must name one of them. */
  readonly keys: KeySet;
  /** Faults of parts of the request that are not in the body, to be listed with the others. */
  readonly otherFaults?: readonly FaultEntry[] | undefined;
  /** True where a card must be encrypted by the caller. */
  readonly refusesClearCards?: boolean;
}

/** A valid create request and its terminal. */
export interface ReadRequest {
  readonly request: CreatePayment;
  readonly terminal: TerminalWithoutKey;
}

type ValidFields = Partial<Omit<CreatePayment, 'card'>>;
type ValidCard = Partial<ReadCard>;

/** Parses a body. Throws `validation_failed` with every fault. */
export function readCreatePayment(body: unknown, context: RequestContext): ReadRequest {
  const checked = checkAgainst(createPaymentSchema, body);
  const { terminal, otherFaults = [] } = context;
  const stray = [...strayCardFaults(body), ...otherFaults];
  if (!checked.isValid) {
    const others = [...faultsAmong(validParts(body), context), ...stray];
    throw InvalidRequest.validationFailed([...checked.faults, ...others]);
  }
  const { card, ...fields } = checked.data;
  const faults = [...faultsAmong({ fields, card }, context), ...stray];
  if (faults.length > 0 || !terminal) throw InvalidRequest.validationFailed(faults);
  return { request: checked.data, terminal };
}

/**
 * Returns the terminal's name in a body, if any. A text that contains the card's number is not a
 * name and is never looked up.
 */
export function terminalNameIn(body: unknown): string | undefined {
  const name = validField(body, 'terminal', createPaymentSchema.shape.terminal);
  return containsCardOf(body, name) ? undefined : name;
}

interface ValidParts {
  readonly fields: ValidFields;
  readonly card: ValidCard | undefined;
}

function validParts(body: unknown): ValidParts {
  const { shape } = createPaymentSchema;
  const card: unknown = isRecord(body) ? body['card'] : undefined;
  return {
    fields: {
      terminal: validField(body, 'terminal', shape.terminal),
      amount: validField(body, 'amount', shape.amount),
      currency: validField(body, 'currency', shape.currency),
      method: validField(body, 'method', shape.method),
      reference: validField(body, 'reference', shape.reference),
      card_jwe: validField(body, 'card_jwe', shape.card_jwe),
      return_page: validField(body, 'return_page', shape.return_page),
    } as ValidFields,
    card:
      card === undefined || card === null
        ? undefined
        : ({
            number: validField(card, 'number', cardSchema.shape.number),
            exp_month: validField(card, 'exp_month', cardSchema.shape.exp_month),
            exp_year: validField(card, 'exp_year', cardSchema.shape.exp_year),
          } as ValidCard),
  };
}

function validField<T>(holder: unknown, name: string, schema: z.ZodType<T>): T | undefined {
  return isRecord(holder) ? schema.safeParse(holder[name]).data : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultsAmong({ fields, card }: ValidParts, context: RequestContext) {
  const { terminal, now, keys, refusesClearCards } = context;
  const { card_jwe: cardJwe, reference } = fields;
  return [
    fields.terminal === undefined || terminal ? undefined : UNKNOWN_TERMINAL,
    amountFault(fields),
    card && refusesClearCards ? CARD_IN_CLEAR : cardPresenceFault(fields, card),
    cardJwe === undefined ? undefined : cardJweFaultEntry(cardJwe, { keys, reference }),
    fields.return_page === true && keys.returnTokens.length === 0 ? NO_RETURN_PAGE : undefined,
    ...(card ? cardFaults(card, { now, mode: terminal?.mode }).map(inCard) : []),
  ].filter((fault) => fault !== undefined);
}

const NO_RETURN_PAGE: FaultEntry = {
  path: 'return_page',
  code: 'not_allowed',
  message: 'The operator of Quittance has to add a key for return pages first.',
};

const UNKNOWN_TERMINAL: FaultEntry = {
  path: 'terminal',
  code: 'unknown_terminal',
  message: 'You have no terminal of this name.',
};

/** The reason why a text is not an amount of its currency or of the gateway. */
export type AmountFault = AmountProblem | BillAmountFault;

/**
 * Parses an amount that the gateway can process. The last of three decimals must be 0: `"1.250"`
 * KWD is valid and `"1.255"` is not.
 */
export function readAmount(text: string, currency: string): Money | AmountFault {
  const money = parseAmount(text, currency);
  if (typeof money === 'string') return money;
  const exponent = currencyExponent(currency) ?? 2;
  return billAmountFault({ minor: money.minor, exponent }) ?? money;
}

/** The message to the caller for each fault of an amount. */
export const AMOUNT_MESSAGES: Readonly<Record<AmountFault, string>> = {
  not_a_decimal: 'Must be a plain decimal such as "11.11".',
  unknown_currency: 'Must be an ISO 4217 code in capital letters.',
  too_many_decimals: 'Has more decimals than the currency, or than the gateway accepts (two).',
  not_positive: 'Must be more than zero.',
  too_large: 'Must be less than 100000000.',
};

function amountFault({ amount, currency }: ValidFields): FaultEntry | undefined {
  if (amount === undefined || currency === undefined) return undefined;
  const money = readAmount(amount, currency);
  if (typeof money !== 'string') return undefined;
  return { path: 'amount', code: money, message: AMOUNT_MESSAGES[money] };
}

function cardPresenceFault(
  { method, card_jwe: cardJwe }: ValidFields,
  card: ValidCard | undefined,
): FaultEntry | undefined {
  if (card && cardJwe !== undefined) return TWO_CARDS;
  if (method === undefined) return undefined;
  const isNeeded = method === 'CC' || method === 'DC';
  if (isNeeded === (card !== undefined || cardJwe !== undefined)) return undefined;
  return isNeeded
    ? { path: 'card', code: 'required', message: 'This method needs a card.' }
    : {
        path: card ? 'card' : 'card_jwe',
        code: 'not_allowed',
        message: 'This method does not use a card.',
      };
}

const CARD_IN_CLEAR: FaultEntry = {
  path: 'card',
  code: 'not_allowed',
  message: 'Encrypt the card and send it as card_jwe.',
};

const TWO_CARDS: FaultEntry = {
  path: 'card_jwe',
  code: 'not_allowed',
  message: 'Send card or card_jwe, not both.',
};

function inCard({ path, ...fault }: CardFault): FaultEntry {
  return { path: `card.${path}`, ...fault };
}

const MESSAGES: Readonly<Record<CardJweFault, string>> = {
  invalid_format: 'Must be a JWE in compact serialization with direct key agreement.',
  too_big: `Must be at most ${CARD_JWE_CHARS_MAX} characters long.`,
  unsupported_algorithm: 'Must be sealed with ECDH-ES on X25519 and A256GCM.',
  unsupported_header: 'Has an unsupported header parameter; use alg, enc, kid and sub only.',
  unknown_key: 'Was sealed to an unknown key; read /.well-known/jwks.json again.',
  other_reference: 'Was sealed for another reference: sub in its header differs.',
};

/** Returns the fault of a `card_jwe` that can be found without decrypting it. */
function cardJweFaultEntry(
  jwe: string,
  context: { readonly keys: KeySet; readonly reference: string | undefined },
): FaultEntry | undefined {
  const code = cardJweFault(jwe, context);
  return code && { path: 'card_jwe', code, message: MESSAGES[code] };
}
