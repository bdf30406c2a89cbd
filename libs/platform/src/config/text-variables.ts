// Variables that are text: words, lists, addresses, and the secret ones among them.
import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { Secret } from '../secret.js';
import { variable, type Variable, type VariableOptions } from './variable.js';

/** Text with a pattern it must match in full. Without one, anything that is not blank. */
export function text(
  name: string,
  options: VariableOptions<string> & { readonly pattern?: RegExp; readonly expected?: string },
): Variable<string> {
  const { pattern = /\S/, expected = 'a text' } = options;
  return variable(name, options, { expected, schema: z.string().regex(pattern) });
}

/** A text that is never printed. */
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

/** An absolute URL as text, without a slash at its end. User name and password are refused: use {@link secretUrl}. */
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

/** An absolute URL that may hold a password, as for a database, and is therefore never printed. */
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

/** One of a few words. */
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

/** Words separated by commas, at least one, without repeats. */
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

/** IP addresses and networks (CIDR) separated by commas. */
export function networks(
  name: string,
  options: VariableOptions<readonly string[]>,
): Variable<readonly string[]> {
  return variable(name, options, {
    expected: 'IP addresses or networks separated by commas, e.g. 10.0.0.0/8,192.0.2.7',
    schema: z
      .string()
      .transform((value) => value.split(',').map((network) => network.trim()))
      .refine((found) => found.every(isNetwork)),
  });
}

function isNetwork(word: string): boolean {
  const [address = '', prefix, ...rest] = word.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return isIP(address) !== 0 && fits && rest.length === 0;
}

function urlText(
  schemes: readonly string[],
  isAllowed: (url: URL) => boolean = () => true,
): z.ZodType<string, string> {
  return z.string().refine((value) => {
    if (!URL.canParse(value)) return false;
    const parsed = new URL(value);
    return schemes.includes(parsed.protocol.slice(0, -1)) && isAllowed(parsed);
  });
}
