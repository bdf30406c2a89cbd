// The reference of a process's variables, in the order of its declaration: what `.env.example` is
// compared with.
import { type ConfigDefinition, type ConfigShape, variablesOf } from './config.js';
import type { Variable } from './variable.js';

/**
 * One variable as a person reads about it. `default` is the text one would write; `undefined` when
 * there is none.
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

/** Every variable of a definition, section by section. */
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

/** A default as one would write it in the environment: a list by its words and commas. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return Array.isArray(value) ? value.join(',') : JSON.stringify(value);
}
