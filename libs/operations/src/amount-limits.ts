// Parses and compares the amounts above which a change needs a second operator. Amounts are
// compared exactly as decimals, never as floating point.
import { currencyExponent, type Money } from '@quittance/payments';
import { variable, type Variable, type VariableOptions } from '@quittance/platform';
import { z } from 'zod';

/** An amount in major units: `digits` × 10^-`scale`. */
interface Limit {
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * Limits by currency; `*` applies to every other currency. A currency without a limit is unlimited.
 */
export type AmountLimits = Readonly<Record<string, Limit>>;

const ENTRY = /^([A-Z]{3}|\*):(\d{1,15})(?:\.(\d{1,4}))?$/;

/** Parses `EUR:1000.00,JPY:100000,*:500.00`. Returns an error message when the text is invalid. */
export function parseAmountLimits(text: string): AmountLimits | string {
  const limits: Record<string, Limit> = {};
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [, currency = '', whole = '', fraction = ''] = ENTRY.exec(entry) ?? [];
    if (currency === '') return 'an entry is a currency or *, a colon and an amount';
    const exponent = currency === '*' ? undefined : currencyExponent(currency);
    if (currency !== '*' && exponent === undefined) return `${currency} is not a currency`;
    if (exponent !== undefined && fraction.length > exponent)
      return `${currency} has ${exponent} decimals`;
    if (currency in limits) return `${currency} appears twice`;
    limits[currency] = { digits: BigInt(whole + fraction), scale: fraction.length };
  }
  return limits;
}

/** True when the amount is greater than its limit; an amount equal to its limit is not above it. */
export function isAbove(limits: AmountLimits, { minor, currency }: Money): boolean {
  const limit = limits[currency] ?? limits['*'];
  if (limit === undefined) return false;
  const exponent = currencyExponent(currency);
  // The value of an amount in an unknown currency is unknown, so it needs a second operator.
  if (exponent === undefined) return true;
  return minor * 10n ** BigInt(limit.scale) > limit.digits * 10n ** BigInt(exponent);
}

/** Declares a setting that holds amount limits. */
export function amountLimits(
  name: string,
  options: VariableOptions<AmountLimits>,
): Variable<AmountLimits> {
  return variable(name, options, {
    expected: 'amounts by currency, * for any other: EUR:1000.00,JPY:100000,*:500.00',
    schema: z.string().transform((text, context): AmountLimits => {
      const read = parseAmountLimits(text);
      if (typeof read !== 'string') return read;
      context.issues.push({ code: 'custom', input: text, message: read });
      return z.NEVER;
    }),
  });
}
