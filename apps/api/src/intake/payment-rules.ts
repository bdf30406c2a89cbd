// What is wrong with a create request beyond single fields: amount and currency, method and card,
// card and date, card and terminal. Runs on whichever fields are sound by themselves, so that a
// caller hears of every fault at once.
import { type CardFault, cardFaults, cardSchema, type ReadCard } from '@quittance/cards';
import { billAmountFault, type BillAmountFault } from '@quittance/gateway-protocol';
import { type AmountProblem, currencyExponent, type Money, parseAmount } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';
import { checkAgainst, type FaultEntry, InvalidRequest } from '@quittance/platform';
import { CARD_JWE_CHARS_MAX, cardJweFault, type CardJweFault, type KeySet } from '@quittance/vault';
import type { z } from 'zod';
import { type CreatePayment, createPaymentSchema } from '../payments/create-payment.schema.js';
import { holdsCardOf, strayCardFaults } from './stray-card.js';

/** What a request is judged by besides itself. */
export interface RequestContext {
  /** The terminal the request names; `undefined` when the merchant has none of that name. */
  readonly terminal: TerminalWithoutKey | undefined;
  readonly now: Date;
  /** The keys of this process, among which a sealed card must name one. */
  readonly keys: KeySet;
}

/** A create request without fault, and its terminal. */
export interface ReadRequest {
  readonly request: CreatePayment;
  readonly terminal: TerminalWithoutKey;
}

type SoundFields = Partial<Omit<CreatePayment, 'card'>>;
type SoundCard = Partial<ReadCard>;

/** Reads a body. Throws `validation_failed` with every fault. */
export function readCreatePayment(body: unknown, context: RequestContext): ReadRequest {
  const checked = checkAgainst(createPaymentSchema, body);
  const { terminal } = context;
  if (!checked.isSound) {
    const others = [...faultsAmong(soundParts(body), context), ...strayCardFaults(body)];
    throw InvalidRequest.validationFailed([...checked.faults, ...others]);
  }
  const { card, ...fields } = checked.data;
  const faults = [...faultsAmong({ fields, card }, context), ...strayCardFaults(body)];
  if (faults.length > 0 || !terminal) throw InvalidRequest.validationFailed(faults);
  return { request: checked.data, terminal };
}

/**
 * The terminal a body names, if it names one. What holds the card's number is no name, and is
 * looked up nowhere.
 */
export function terminalNameIn(body: unknown): string | undefined {
  const name = soundField(body, 'terminal', createPaymentSchema.shape.terminal);
  return holdsCardOf(body, name) ? undefined : name;
}

interface SoundParts {
  readonly fields: SoundFields;
  readonly card: SoundCard | undefined;
}

function soundParts(body: unknown): SoundParts {
  const { shape } = createPaymentSchema;
  const card: unknown = isRecord(body) ? body['card'] : undefined;
  return {
    fields: {
      terminal: soundField(body, 'terminal', shape.terminal),
      amount: soundField(body, 'amount', shape.amount),
      currency: soundField(body, 'currency', shape.currency),
      method: soundField(body, 'method', shape.method),
      reference: soundField(body, 'reference', shape.reference),
      card_jwe: soundField(body, 'card_jwe', shape.card_jwe),
    } as SoundFields,
    card:
      card === undefined || card === null
        ? undefined
        : ({
            number: soundField(card, 'number', cardSchema.shape.number),
            exp_month: soundField(card, 'exp_month', cardSchema.shape.exp_month),
            exp_year: soundField(card, 'exp_year', cardSchema.shape.exp_year),
          } as SoundCard),
  };
}

function soundField<T>(holder: unknown, name: string, schema: z.ZodType<T>): T | undefined {
  return isRecord(holder) ? schema.safeParse(holder[name]).data : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultsAmong({ fields, card }: SoundParts, { terminal, now, keys }: RequestContext) {
  const { card_jwe: cardJwe, reference } = fields;
  return [
    fields.terminal === undefined || terminal ? undefined : UNKNOWN_TERMINAL,
    amountFault(fields),
    cardPresenceFault(fields, card),
    cardJwe === undefined ? undefined : cardJweFaultEntry(cardJwe, { keys, reference }),
    ...(card ? cardFaults(card, { now, mode: terminal?.mode }).map(inCard) : []),
  ].filter((fault) => fault !== undefined);
}

const UNKNOWN_TERMINAL: FaultEntry = {
  path: 'terminal',
  code: 'unknown_terminal',
  message: 'You have no terminal of this name.',
};

/** Why a text is not an amount, of its currency or of the gateway. */
export type AmountFault = AmountProblem | BillAmountFault;

/**
 * Reads an amount that the gateway can take: of three decimals the last must be 0, so that
 * `"1.250"` KWD is one and `"1.255"` is not.
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
  too_many_decimals: 'Has more decimals than the currency, or than the gateway takes (two).',
  not_positive: 'Must be more than zero.',
  too_large: 'Must be less than 100000000.',
};

function amountFault({ amount, currency }: SoundFields): FaultEntry | undefined {
  if (amount === undefined || currency === undefined) return undefined;
  const money = readAmount(amount, currency);
  if (typeof money !== 'string') return undefined;
  return { path: 'amount', code: money, message: AMOUNT_MESSAGES[money] };
}

function cardPresenceFault(
  { method, card_jwe: cardJwe }: SoundFields,
  card: SoundCard | undefined,
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
        message: 'This method takes no card.',
      };
}

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
  unsupported_header: 'Has a header parameter that is not taken; alg, enc, kid and sub are enough.',
  unknown_key: 'Was sealed to a key that is not known; read /.well-known/jwks.json again.',
  other_reference: 'Was sealed for another reference: sub in its header is not this one.',
};

/** The fault of a `card_jwe`, as far as it can be seen without opening it. */
function cardJweFaultEntry(
  jwe: string,
  context: { readonly keys: KeySet; readonly reference: string | undefined },
): FaultEntry | undefined {
  const code = cardJweFault(jwe, context);
  return code && { path: 'card_jwe', code, message: MESSAGES[code] };
}
