// Variables with text values: words, lists, addresses, and secrets.
import { z } from 'zod';
import { AddressRanges, isAddressRange } from '../net/addresses.js';
import { parseUrl } from '../parse-url.js';
import { Secret } from '../secret.js';
import { variable, type Variable, type VariableOptions } from './variable.js';

/** Text that matches `pattern` in full. The default accepts any text that is not blank. */
export function text(
  name: string,
  options: VariableOptions<string> & { readonly pattern?: RegExp; readonly expected?: string },
): Variable<string> {
  const { pattern = /\S/, expected = 'a text' } = options;
  return variable(name, options, { expected, schema: z.string().regex(pattern) });
}

/** Text that is never printed. */
export function secretText(
  name: string,
  options: Omit<VariableOptions<Secret<string>>, 'default'>,
): Variable<Secret<string>> {
  return variable(name, options, {
    expected: 'a text',
    isSecret: true,
    schema: z
      .string()
      .regex(/\S/)
      .transform((value) => new Secret(value)),
  });
}

interface Schemes {
  /** Accepted schemes without the colon, e.g. `['http', 'https']`. */
  readonly schemes?: readonly string[];
}

/**
 * An absolute URL as text, without a trailing slash. A user name or password is rejected: use
 * {@link secretUrl} for those.
 */
export function url(name: string, options: VariableOptions<string> & Schemes): Variable<string> {
  const { schemes = ['http', 'https'] } = options;
  return variable(name, options, {
    expected: `a ${schemes.join(':// or ')}:// URL without a password in it`,
    schema: urlText(
      schemes,
      ({ username, password }) => username === '' && password === '',
    ).transform((value) => value.replace(/\/+$/, '')),
  });
}

/**
 * An absolute URL that may contain a password, such as a database's, and is therefore never
 * printed.
 */
export function secretUrl(
  name: string,
  options: Omit<VariableOptions<Secret<string>>, 'default'> & Required<Schemes>,
): Variable<Secret<string>> {
  return variable(name, options, {
    expected: `a ${options.schemes.join(':// or ')}:// URL`,
    isSecret: true,
    schema: urlText(options.schemes).transform((value) => new Secret(value)),
  });
}

/** One of the given words. */
export function oneOf<const W extends string>(
  name: string,
  words: readonly W[],
  options: VariableOptions<W>,
): Variable<W> {
  return variable(name, options, {
    expected: `one of ${words.join(', ')}`,
    schema: z.enum(words as readonly [W, ...W[]]),
  });
}

/** A comma-separated list of at least one word, without repeats. */
export function list(
  name: string,
  options: VariableOptions<readonly string[]>,
): Variable<readonly string[]> {
  return variable(name, options, {
    expected: 'words separated by commas, without repeats',
    schema: z
      .string()
      .transform((value) => value.split(',').map((word) => word.trim()))
      .refine((words) => words.every(Boolean) && new Set(words).size === words.length),
  });
}

/** A comma-separated list of at least one IP address or CIDR subnet. */
export function addressRanges(
  name: string,
  options: VariableOptions<AddressRanges>,
): Variable<AddressRanges> {
  return variable(name, options, {
    expected: 'IP addresses or CIDR subnets separated by commas, e.g. 192.0.2.7,2001:db8::/32',
    schema: z
      .string()
      .transform((value) => value.split(',').map((range) => range.trim()))
      .refine((ranges) => ranges.every(isAddressRange))
      .transform((ranges) => new AddressRanges(ranges)),
  });
}

function urlText(
  schemes: readonly string[],
  isAllowed: (url: URL) => boolean = () => true,
): z.ZodType<string, string> {
  return z.string().refine((value) => {
    const parsed = parseUrl(value);
    return (
      parsed !== undefined && schemes.includes(parsed.protocol.slice(0, -1)) && isAllowed(parsed)
    );
  });
}
