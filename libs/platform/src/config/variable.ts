// One environment variable: its name, how its text becomes a value, and the words that explain it. The same
// declaration feeds the parser, the start-up error and the reference in `.env.example`, so they cannot disagree.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from '../secret.js';

/** A declared environment variable of type `T`. Build one with the functions below. */
export interface Variable<T> {
  readonly name: string;
  /** What it is for, as one sentence without a full stop. */
  readonly description: string;
  /** What a valid text looks like: `a port from 0 to 65535`. Printed when the text does not fit. */
  readonly expected: string;
  readonly unit: string | undefined;
  /** Whether the value must never be printed. */
  readonly isSecret: boolean;
  readonly isOptional: boolean;
  readonly default: T | undefined;
  readonly schema: z.ZodType<T, string>;
}

/** What every variable is declared with. No default means it must be set. */
export interface VariableOptions<T> {
  readonly description: string;
  readonly default?: T;
  readonly unit?: string;
}

interface VariableKind<T> {
  readonly expected: string;
  readonly schema: z.ZodType<T, string>;
  readonly isSecret?: boolean;
}

/** A variable of a kind not listed below. */
export function variable<T>(
  name: string,
  options: VariableOptions<T>,
  kind: VariableKind<T>,
): Variable<T> {
  return {
    name,
    description: options.description,
    expected: kind.expected,
    unit: options.unit,
    isSecret: kind.isSecret ?? false,
    isOptional: false,
    default: options.default,
    schema: kind.schema,
  };
}

/** The same variable, allowed to be missing: its value is then `undefined`. */
export function optional<T>(inner: Variable<T>): Variable<T | undefined> {
  return { ...inner, isOptional: true };
}

/** A TCP port; 0 lets the system choose. */
export function port(name: string, options: VariableOptions<number>): Variable<number> {
  return variable(name, options, {
    expected: 'a port from 0 to 65535',
    schema: wholeNumber(0, 65_535),
  });
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number within `min` (default 0) and `max`, both included. */
export function integer(name: string, options: VariableOptions<number> & Range): Variable<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const upTo = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
  return variable(name, options, {
    expected: `a whole number from ${min} ${upTo}`,
    schema: wholeNumber(min, max),
  });
}

/** A duration in milliseconds. By convention the name ends in `_MS`. */
export function durationMs(
  name: string,
  options: VariableOptions<number> & Range,
): Variable<number> {
  return integer(name, { unit: 'milliseconds', ...options });
}

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

/**
 * A document with secrets in it, given as a file's path or as the text itself (which starts with `{`). `parse` may throw
 * an error whose message is safe to print.
 */
export function secretDocument<T>(
  name: string,
  options: Omit<VariableOptions<T>, 'default'> & { readonly parse: (text: string) => T },
): Variable<T> {
  return variable(name, options, {
    expected: 'the path of a file, or its JSON text',
    isSecret: true,
    schema: z.string().transform((value, context): T => {
      try {
        return options.parse(value.startsWith('{') ? value : readFileSync(value, 'utf8'));
      } catch (error) {
        context.issues.push({ code: 'custom', input: undefined, message: unreadable(error) });
        return z.NEVER;
      }
    }),
  });
}

/** An I/O error's message repeats the path, which could be a mistyped secret; its code does not. */
function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code !== undefined) return `the file cannot be read (${code})`;
  return error instanceof Error ? error.message : 'it cannot be read';
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
    schema: urlText(schemes)
      .refine((value) => new URL(value).password === '')
      .transform((value) => value.replace(/\/+$/, '')),
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

/** `true` or `false`. */
export function flag(name: string, options: VariableOptions<boolean>): Variable<boolean> {
  return variable(name, options, {
    expected: 'true or false',
    schema: z.enum(['true', 'false']).transform((value) => value === 'true'),
  });
}

function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);
}

function urlText(schemes: readonly string[]): z.ZodType<string, string> {
  return z.string().refine((value) => {
    const scheme = URL.canParse(value) ? new URL(value).protocol.slice(0, -1) : undefined;
    return scheme !== undefined && schemes.includes(scheme);
  });
}
