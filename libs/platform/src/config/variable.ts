// One environment variable: its name, its parser and its description. The same declaration feeds
// the parser, the startup error and the reference in `.env.example`, so they cannot disagree.
import type { z } from 'zod';

/**
 * A declared environment variable of type `T`. `port`, `durationMs`, `text`, `url` and the like
 * create one.
 */
export interface Variable<T> {
  readonly name: string;
  /** Its purpose, as one sentence without a full stop. */
  readonly description: string;
  /** The form of a valid text: `a port from 0 to 65535`. Printed when the text is invalid. */
  readonly expected: string;
  readonly unit: string | undefined;
  /** True when the value must never be printed. */
  readonly isSecret: boolean;
  readonly isOptional: boolean;
  readonly default: T | undefined;
  readonly schema: z.ZodType<T, string>;
}

/** Options of every variable. A variable without a default must be set. */
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

/** Declares a variable of any kind. The specific kinds use it. */
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

/** Returns the variable as an optional one: its value is `undefined` when it is not set. */
export function optional<T>(inner: Variable<T>): Variable<T | undefined> {
  return { ...inner, isOptional: true };
}
