// Amounts in the gateway's notation: Java double text such as "130.0", "1.0E7" or "5.0E-4"
// (protocol §3.1). All arithmetic is on integers; no amount ever becomes a float.

/**
 * An exact decimal number: digits · 10^-scale. The scale is the smallest possible, so equal numbers
 * have equal fields.
 */
export interface Decimal {
  readonly digits: bigint;
  /** The number of digits after the point, 0 or more. */
  readonly scale: number;
}

/** An amount in the minor unit of a currency with `exponent` decimals: { 1111n, 2 } is 11.11. */
export interface MinorAmount {
  readonly minor: bigint;
  readonly exponent: number;
}

const DECIMAL_TEXT = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
// A double has at most 17 significant digits and amounts are far below 10^40; a larger number is
// not an amount.
const TEXT_LENGTH_MAX = 64;
const EXPONENT_MAX = 40;

/**
 * Parses an amount of the gateway exactly. Undefined for a text that is not a plain or scientific
 * decimal: NaN, Infinity, thousands separators, blanks, an exponent beyond ±40.
 */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const match = DECIMAL_TEXT.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = match;
  const exponent = Number(power);
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  return withLeastScale(BigInt(`${sign}${whole}${fraction}`), fraction.length - exponent);
}

function withLeastScale(digits: bigint, scale: number): Decimal {
  if (scale < 0) return { digits: digits * 10n ** BigInt(-scale), scale: 0 };
  let [leastDigits, leastScale] = [digits, scale];
  while (leastScale > 0 && leastDigits % 10n === 0n) {
    leastDigits /= 10n;
    leastScale -= 1;
  }
  return { digits: leastDigits, scale: leastScale };
}

/** Formats the decimal in lowest terms: `11.1`, `130`, `-0.5`. Equal numbers have equal texts. */
export function decimalText(decimal: Decimal): string {
  const { digits, scale } = withLeastScale(decimal.digits, decimal.scale);
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  return sign + (scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`);
}

/** True when two amounts are the same number in any notation: "130.0" = "130.00" = "1.3E2". */
export function equalDecimals(left: Decimal, right: Decimal): boolean {
  const scale = BigInt(Math.max(left.scale, right.scale));
  const align = (decimal: Decimal) => decimal.digits * 10n ** (scale - BigInt(decimal.scale));
  return align(left) === align(right);
}

/** Converts an amount in minor units to a decimal, to compare it with the gateway's. */
export function decimalFromMinor({ minor, exponent }: MinorAmount): Decimal {
  return withLeastScale(minor, exponent);
}

/**
 * Converts a decimal to minor units of a currency with `exponent` decimals; undefined if it has
 * more decimals.
 */
export function minorFromDecimal(decimal: Decimal, exponent: number): bigint | undefined {
  const { digits, scale } = withLeastScale(decimal.digits, decimal.scale);
  return scale > exponent ? undefined : digits * 10n ** BigInt(exponent - scale);
}

// `bill_amt` is documented as dec(10,2): ten digits, two of them after the point.
const BILL_AMOUNT_DECIMALS = 2;
const BILL_AMOUNT_MINOR_END = 10n ** 10n;

/** The reason why `bill_amt` cannot carry an amount; the first fault in this order counts. */
export type BillAmountFault = 'too_many_decimals' | 'not_positive' | 'too_large';

/**
 * Returns the reason why `bill_amt`, a dec(10,2), cannot carry the amount; undefined for a positive
 * one of at most 99999999.99 without a third decimal.
 */
export function billAmountFault(amount: MinorAmount): BillAmountFault | undefined {
  const minor = minorFromDecimal(decimalFromMinor(amount), BILL_AMOUNT_DECIMALS);
  if (minor === undefined) return 'too_many_decimals';
  if (minor <= 0n) return 'not_positive';
  return minor < BILL_AMOUNT_MINOR_END ? undefined : 'too_large';
}

/**
 * Formats `bill_amt` and `refundAmount`: always two decimals, "11.11" (protocol §1.2).
 * @throws RangeError for an amount that does not fit; see `billAmountFault`.
 */
export function formatBillAmount(amount: MinorAmount): string {
  const minor = minorFromDecimal(decimalFromMinor(amount), BILL_AMOUNT_DECIMALS);
  if (minor === undefined || billAmountFault(amount) !== undefined)
    throw new RangeError('The amount does not fit the gateway’s dec(10,2).');
  const text = minor.toString().padStart(BILL_AMOUNT_DECIMALS + 1, '0');
  return `${text.slice(0, -BILL_AMOUNT_DECIMALS)}.${text.slice(-BILL_AMOUNT_DECIMALS)}`;
}
