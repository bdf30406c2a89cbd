// Reads a process's settings once, at startup, from the environment variables declared here. All
// problems are reported together, each with its variable's name. The result is a frozen, typed
// object.
import { inspect } from 'node:util';
import type { z } from 'zod';
import type { Variable } from './variable.js';

/** Variables that belong together, by the names that the code uses. */
export type ConfigSection = Readonly<Record<string, Variable<unknown>>>;
/** Sections by name. Each is a map of variables or a class made with {@link settings}. */
export type ConfigShape = Readonly<Record<string, ConfigSection | AnySettingsClass>>;

/** The values of a section. */
export type SectionValues<V extends ConfigSection> = {
  readonly [Key in keyof V]: V[Key] extends Variable<infer T> ? T : never;
};

/** The class of a section's values. */
export type SettingsClass<V extends ConfigSection> = (abstract new () => SectionValues<V>) & {
  readonly variables: V;
};

type AnySettingsClass = (abstract new () => object) & { readonly variables: ConfigSection };

/**
 * The values of a shape: `config.http.port` is a `number` where the shape has `http: { port:
 * port(…) }`.
 */
export type ConfigOf<S extends ConfigShape> = {
  readonly [Section in keyof S]: SectionValues<VariablesOf<S[Section]>>;
};

type VariablesOf<Section> = Section extends { readonly variables: infer V extends ConfigSection }
  ? V
  : Section extends ConfigSection
    ? Section
    : never;

/**
 * A rule between several values. Returns a description of the violation that names the variables,
 * or `undefined` when the rule holds.
 */
export type ConfigRelation<C> = (config: C) => string | undefined;

/** A shape and the rules between its values. */
export interface ConfigDefinition<S extends ConfigShape> {
  readonly shape: S;
  readonly relations: readonly ConfigRelation<ConfigOf<S>>[];
}

/**
 * Lists every problem of the environment, one a line. The message never contains a secret's value.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
}

/**
 * Returns a section as a class, so that Nest injects its values by type: `class GatewaySettings
 * extends settings({ timeoutMs: durationMs(…) }) {}`. Tests pass any object of that shape.
 */
export function settings<const V extends ConfigSection>(variables: V): SettingsClass<V> {
  // oxlint-disable-next-line typescript/no-extraneous-class -- the class carries only its type and its variables
  return class {
    static readonly variables = variables;
  } as unknown as SettingsClass<V>;
}

/** Returns the variables of a section in either form. */
export function variablesOf(section: ConfigShape[string]): ConfigSection {
  return typeof section === 'function' ? section.variables : section;
}

/**
 * Declares a process's settings. Spread the sections of other modules in: `defineConfig({
 * ...httpSection, own: {…} })`.
 */
export function defineConfig<const S extends ConfigShape>(
  shape: S,
  relations: readonly ConfigRelation<ConfigOf<S>>[] = [],
): ConfigDefinition<S> {
  return { shape, relations };
}

/**
 * Reads the declared variables from `env`. An empty text counts as not set. Throws {@link
 * ConfigError}.
 */
export function loadConfig<S extends ConfigShape>(
  definition: ConfigDefinition<S>,
  env: Readonly<Record<string, string | undefined>>,
): ConfigOf<S> {
  const problems: string[] = [];
  const sections = Object.entries(definition.shape).map(([name, section]) => {
    const values = Object.entries(variablesOf(section)).map(([key, declared]) => {
      const outcome = readVariable(declared, env[declared.name]);
      if ('problem' in outcome) problems.push(outcome.problem);
      return [key, 'value' in outcome ? outcome.value : undefined] as const;
    });
    return [name, Object.freeze(Object.fromEntries(values))] as const;
  });
  const config = Object.freeze(Object.fromEntries(sections)) as ConfigOf<S>;
  // Rules between values need every value.
  if (problems.length === 0) {
    for (const relation of definition.relations) {
      const problem = relation(config);
      if (problem !== undefined) problems.push(problem);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

type Outcome = { readonly value: unknown } | { readonly problem: string };

function readVariable(declared: Variable<unknown>, raw: string | undefined): Outcome {
  const { name, expected, description, isOptional } = declared;
  if (raw === undefined || raw.trim() === '') {
    if (declared.default !== undefined) return { value: frozen(declared.default) };
    if (isOptional) return { value: undefined };
    return { problem: `${name} is not set; expected ${expected} (${description})` };
  }
  const parsed = declared.schema.safeParse(raw.trim());
  if (parsed.success) return { value: frozen(parsed.data) };
  return { problem: refusal(declared, raw, parsed.error.issues[0]) };
}

/** Zod's message for a refinement without its own. */
const NO_MESSAGE = 'Invalid input';

function refusal(
  { name, expected, description, isSecret }: Variable<unknown>,
  raw: string,
  issue: z.core.$ZodIssue | undefined,
): string {
  // A URL rejected because of its password is not declared secret but contains one.
  const isShown = !isSecret && !raw.includes('@');
  const got = isShown ? `, not ${inspect(raw.slice(0, 80))}` : '';
  const hasReason = issue?.code === 'custom' && issue.message !== NO_MESSAGE;
  const why = hasReason ? `: ${issue.message}` : '';
  return `${name} is invalid${why}; expected ${expected}${got} (${description})`;
}

/** Freezes plain objects and lists at every depth. Instances of classes stay as they are. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
