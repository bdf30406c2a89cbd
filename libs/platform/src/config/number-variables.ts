// Variables with numeric values, and the boolean one.
import { z } from 'zod';
import { variable, type Variable, type VariableOptions } from './variable.js';

/** A TCP port. 0 lets the system choose. */
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

/** A whole number from `min` (default 0) to `max`, both included. */
export function integer(name: string, options: VariableOptions<number> & Range): Variable<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const upTo = max === Number.MAX_SAFE_INTEGER ? 'up' : `to ${max}`;
  return variable(name, options, {
    expected: `a whole number from ${min} ${upTo}`,
    schema: wholeNumber(min, max),
  });
}

/** A duration in milliseconds. Its name ends in `_MS` by convention. */
export function durationMs(
  name: string,
  options: VariableOptions<number> & Range,
): Variable<number> {
  return integer(name, { unit: 'milliseconds', ...options });
}

/** A decimal number from 0 to 1, both included. */
export function fraction(name: string, options: VariableOptions<number>): Variable<number> {
  return variable(name, options, {
    expected: 'a number from 0 to 1',
    schema: z
      .string()
      .regex(/^\d(\.\d{1,9})?$/)
      .transform(Number)
      .refine((value) => value <= 1),
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
