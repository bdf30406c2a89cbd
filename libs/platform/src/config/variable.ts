// One environment variable: its name, how its text becomes a value, and the words that explain it.
// The same declaration feeds the parser, the start-up error and the reference in `.env.example`, so
// they cannot disagree.
import type { z } from 'zod';

/**
 * A declared environment variable of type `T`. Build one with `port`, `durationMs`, `text`, `url`
 * and the like.
 */
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

/** A variable of any kind; the named kinds are made with it. */
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
