// A process reads its settings once, at start, from environment variables declared here: all
// problems are told together, each by its variable's name, and the result is a frozen, typed
// object.
import { inspect } from 'node:util';
import type { z } from 'zod';
import type { Variable } from './variable.js';

/** Variables that belong together, under the names the code uses. */
export type ConfigSection = Readonly<Record<string, Variable<unknown>>>;
/** Sections by name, each as its variables or as a class made with {@link settings}. */
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
 * A rule between several values: words for what is wrong, naming the variables, or `undefined` when
 * it holds.
 */
export type ConfigRelation<C> = (config: C) => string | undefined;

/** A shape and the rules between its values. */
export interface ConfigDefinition<S extends ConfigShape> {
  readonly shape: S;
  readonly relations: readonly ConfigRelation<ConfigOf<S>>[];
}

/** Every problem of the environment, one line each; the message never holds a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
}

/**
 * A section as a class, so that Nest injects its values by their type: `class GatewaySettings
 * extends settings({ timeoutMs: durationMs(…) }) {}`. A test passes any object of that form.
 */
export function settings<const V extends ConfigSection>(variables: V): SettingsClass<V> {
  // oxlint-disable-next-line typescript/no-extraneous-class -- its type and its variables are all there is to it
  return class {
    static readonly variables = variables;
  } as unknown as SettingsClass<V>;
}

/** The variables of a section, whichever way it was declared. */
export function variablesOf(section: ConfigShape[string]): ConfigSection {
  return typeof section === 'function' ? section.variables : section;
}

/**
 * Declares a process's settings. Sections of other modules are spread in: `defineConfig({
 * ...httpSection, own: {…} })`.
 */
export function defineConfig<const S extends ConfigShape>(
  shape: S,
  relations: readonly ConfigRelation<ConfigOf<S>>[] = [],
): ConfigDefinition<S> {
  return { shape, relations };
}

/**
 * Reads the declared variables from `env`; an empty text counts as not set. Throws {@link
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
  // Rules between values make sense only where every value is there.
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

/** Zod's word for a refinement without a message of its own. */
const NO_MESSAGE = 'Invalid input';

function refusal(
  { name, expected, description, isSecret }: Variable<unknown>,
  raw: string,
  issue: z.core.$ZodIssue | undefined,
): string {
  // A URL refused for the password in it is not declared secret but holds one.
  const isShown = !isSecret && !raw.includes('@');
  const got = isShown ? `, not ${inspect(raw.slice(0, 80))}` : '';
  const hasReason = issue?.code === 'custom' && issue.message !== NO_MESSAGE;
  const why = hasReason ? `: ${issue.message}` : '';
  return `${name} does not fit${why}; expected ${expected}${got} (${description})`;
}

/** Freezes plain objects and lists all the way down; instances of classes keep their own rules. */
function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
