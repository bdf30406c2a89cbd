// Describes the variables of a process in the order of their declaration. A test compares
// `.env.example` with it.
import { type ConfigDefinition, type ConfigShape, variablesOf } from './config.js';
import type { Variable } from './variable.js';

/**
 * The documentation of one variable. `default` is the text that a person would write; `undefined`
 * when there is no default.
 */
export interface VariableDescription {
  readonly name: string;
  readonly section: string;
  readonly description: string;
  readonly expected: string;
  readonly default: string | undefined;
  readonly unit: string | undefined;
  readonly secret: boolean;
  readonly required: boolean;
}

/** Describes every variable of a definition, section by section. */
export function describeConfig<S extends ConfigShape>(
  definition: ConfigDefinition<S>,
): VariableDescription[] {
  return Object.entries(definition.shape).flatMap(([name, section]) =>
    Object.values(variablesOf(section)).map((declared) => describe(name, declared)),
  );
}

function describe(section: string, declared: Variable<unknown>): VariableDescription {
  const { name, description, expected, unit, isSecret, isOptional } = declared;
  return {
    name,
    section,
    description,
    expected,
    default: textOf(declared.default),
    unit,
    secret: isSecret,
    required: declared.default === undefined && !isOptional,
  };
}

/** Returns a default as a person would write it in the environment: a list as words with commas. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value);
}
