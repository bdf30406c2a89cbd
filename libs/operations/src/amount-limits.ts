// From which amounts on a second person is needed. Amounts are compared exactly, as decimals, never
// as floating point.
import { currencyExponent, type Money } from '@quittance/payments';
import { variable, type Variable, type VariableOptions } from '@quittance/platform';
import { z } from 'zod';

/** An amount in major units: `digits` × 10^-`scale`. */
interface Limit {
  readonly digits: bigint;
  readonly scale: number;
}

/** By currency; `*` is for every other. A currency that neither names has no limit. */
export type AmountLimits = Readonly<Record<string, Limit>>;

const ENTRY = /^([A-Z]{3}|\*):(\d{1,15})(?:\.(\d{1,4}))?$/;

/** Reads `EUR:1000.00,JPY:100000,*:500.00`. Words for what is wrong where it cannot be read. */
export function parseAmountLimits(text: string): AmountLimits | string {
  const limits: Record<string, Limit> = {};
  for (const entry of text.split(',').map((part) => part.trim())) {
    const [, currency = '', whole = '', fraction = ''] = ENTRY.exec(entry) ?? [];
    if (currency === '') return 'an entry is a currency or *, a colon and an amount';
    const exponent = currency === '*' ? undefined : currencyExponent(currency);
    if (currency !== '*' && exponent === undefined) return `${currency} is not a currency`;
    if (exponent !== undefined && fraction.length > exponent)
      return `${currency} has ${exponent} decimals`;
    if (currency in limits) return `${currency} is there twice`;
    limits[currency] = { digits: BigInt(whole + fraction), scale: fraction.length };
  }
  return limits;
}

/** Whether the amount is greater than its limit; an amount equal to it is not. */
export function isAbove(limits: AmountLimits, { minor, currency }: Money): boolean {
  const limit = limits[currency] ?? limits['*'];
  if (limit === undefined) return false;
  const exponent = currencyExponent(currency);
  // An amount of which nobody can say how much it is needs a second person all the more.
  if (exponent === undefined) return true;
  return minor * 10n ** BigInt(limit.scale) > limit.digits * 10n ** BigInt(exponent);
}

/** A variable that holds limits. */
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
