// Values that a JSON schema of the document allows, edges first: a fuzz that is refused at the door has tried the door only.
import fc from 'fast-check';

const SAMPLES = 40;
const TEXT = 'Zürich 🎫 naïve ' + 'x'.repeat(500);

export class SchemaValues {
  #schemas;
  #seed;
  #byPattern = new Map();

  /** @param {Record<string, object>} schemas `components.schemas` of the document */
  constructor(schemas, seed) {
    this.#schemas = schemas;
    this.#seed = seed | 0;
  }

  /** The schema itself, when it is a reference. */
  resolve(schema) {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.resolve(this.#schemas[name]);
  }

  /** A value that `schema` allows, as far as it says. */
  of(reference, random) {
    const schema = this.resolve(reference);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return this.of(random.pick(choices), random);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return random.pick(schema.enum);
    if (schema.type === 'null') return null;
    if (schema.type === 'object') return this.#object(schema, random);
    if (schema.type === 'integer') return this.#integer(schema, random);
    if (schema.type === 'array')
      return Array.from({ length: random.below(3) }, () => this.of(schema.items, random));
    if (schema.type === 'boolean') return random.below(2) === 0;
    return this.#text(schema, random);
  }

  #object({ properties = {}, required = [], additionalProperties }, random) {
    const names = Object.keys(properties).filter(
      (name) => required.includes(name) || random.below(2) === 0,
    );
    const value = Object.fromEntries(
      names.map((name) => [name, this.of(properties[name], random)]),
    );
    if (typeof additionalProperties !== 'object') return value;
    for (let count = random.below(4); count > 0; count -= 1)
      value[`note ${count}`] = this.of(additionalProperties, random);
    return value;
  }

  #integer({ minimum = 0, maximum = 1_000 }, random) {
    return random.pick([minimum, maximum, minimum + random.below(maximum - minimum + 1)]);
  }

  #text({ pattern, examples, minLength = 1, maxLength = 60, format }, random) {
    const matching = pattern === undefined ? [] : this.#matching(pattern);
    const known = [...matching, ...(examples ?? [])];
    if (known.length > 0) return random.pick(known);
    if (format === 'date-time') return '2026-11-21T10:00:00Z';
    const length = random.pick([minLength, maxLength, minLength + random.below(maxLength)]);
    return TEXT.slice(0, Math.min(length, maxLength)).replace(/[\ud800-\udbff]$/, 'x');
  }

  /** None for a pattern that fast-check cannot turn round, such as one that looks ahead. */
  #matching(pattern) {
    if (!this.#byPattern.has(pattern)) this.#byPattern.set(pattern, this.#sample(pattern));
    return this.#byPattern.get(pattern);
  }

  #sample(pattern) {
    try {
      const matching = fc.stringMatching(new RegExp(pattern, 'u'));
      return fc.sample(matching, { seed: this.#seed, numRuns: SAMPLES });
    } catch {
      return [];
    }
  }
}
