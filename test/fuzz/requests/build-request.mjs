// One request out of the document and the seed: valid first, then with faults. Each has chance of its own, so that any of them can
// be built again without the others.
import { Random } from '../../chaos/random.ts';
import { ADDRESS_FAULTS } from './address-faults.mjs';
import { HEADER_FAULTS } from './header-faults.mjs';
import { whyRefused } from './must-refuse.mjs';
import { jsonOf } from './spellings.mjs';
import { TEXT_FAULTS } from './text-faults.mjs';
import { VALUE_FAULTS } from './value-faults.mjs';
import { WIRE_FAULTS } from './wire-faults.mjs';

const FAULTLESS_SHARE = 0.4;
const WAIT_SHARE = 0.08;
const GROUPS = [
  ['value', VALUE_FAULTS],
  ['value', VALUE_FAULTS],
  ['text', TEXT_FAULTS],
  ['address', ADDRESS_FAULTS],
  ['header', HEADER_FAULTS],
  ['wire', WIRE_FAULTS],
];
/** A run begins with so many good requests for each operation, so that a short one has seen behind every door. */
const FIRST_ROUNDS = 5;
const BODY_FAULTS = new Set(['value', 'text']);
/** How often an operation is asked; creation is where most can go wrong. */
const WEIGHTS = { createPaymentIntent: 14, createRefund: 6, listPaymentIntents: 4, metrics: 0.2 };

/** The chance of request `index` of a run. */
export const randomOf = (seed, index) =>
  new Random((seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0);

export class RequestBuilder {
  #operations;
  #bodies;
  #values;
  #world;
  #seed;
  #card;
  #known;

  /**
   * @param {import('./contract.mjs').Contract} contract
   * @param {{ seed: number, card: import('../oracles/secrets.mjs').RunCard, values: import('./schema-values.mjs').SchemaValues, bodies: import('./valid-bodies.mjs').ValidBodies,
   *   world: { host: string, keys: Record<string, string>, ids: (operation: object, random: Random) => string } }} parts
   */
  constructor(contract, { seed, values, bodies, world, card }) {
    this.#card = card;
    this.#known = contract.operations;
    this.#operations = contract.operations.flatMap((operation) =>
      Array(Math.ceil(5 * (WEIGHTS[operation.operationId] ?? 1))).fill(operation),
    );
    this.#bodies = bodies;
    this.#values = values;
    this.#world = world;
    this.#seed = seed;
  }

  /** Request number `index`, ready to be sent, with the `faults` it has. */
  build(index) {
    const random = randomOf(this.#seed, index);
    const isFirst = index < FIRST_ROUNDS * this.#known.length;
    const operation = isFirst
      ? this.#known[index % this.#known.length]
      : random.pick(this.#operations);
    const draft = this.#valid(operation, { index, isFirst, random });
    if (!isFirst && random.next() >= FAULTLESS_SHARE) this.#spoil(draft, random);
    return this.#finished(draft, random, index);
  }

  #valid(operation, { index, isFirst, random }) {
    const { method, path } = operation;
    const isAsked = isFirst || random.next() < 0.75;
    const draft = { operation, method, path, card: this.#card, faults: [] };
    draft.key = isAsked ? 'full' : random.pick(Object.keys(this.#world.keys));
    draft.ids = () => this.#world.ids(operation, random);
    draft.query = this.#query(operation, random);
    draft.headers = [];
    if (operation.requestBody) {
      draft.body = this.#bodies.of(operation, { index, random });
      draft.headers.push(['content-type', 'application/json']);
    }
    const mayWait = operation.parameters?.some(({ name }) => name === 'Prefer');
    if (mayWait && random.next() < WAIT_SHARE) draft.headers.push(['Prefer', 'wait=1']);
    return draft;
  }

  #query({ parameters = [] }, random) {
    const asked = parameters.filter((one) => one.in === 'query' && random.below(4) === 0);
    return asked.map(
      ({ name, schema }) => `${name}=${encodeURIComponent(this.#values.of(schema, random))}`,
    );
  }

  /** One fault, or two or three that may hide one another. */
  #spoil(draft, random) {
    const groups = GROUPS.filter(([name]) => draft.body !== undefined || !BODY_FAULTS.has(name));
    draft.planned = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => {
      const [group, faults] = random.pick(groups);
      const name = random.pick(Object.keys(faults));
      draft.faults.push(`${group}.${name}`);
      return { group, fault: faults[name] };
    });
  }

  #apply(draft, wanted, random) {
    for (const { group, fault } of draft.planned ?? []) if (group === wanted) fault(draft, random);
  }

  #finished(draft, random, index) {
    this.#apply(draft, 'value', random);
    draft.bytes = Buffer.from(draft.body === undefined ? '' : (jsonOf(draft.body) ?? ''));
    this.#apply(draft, 'text', random);
    const key = this.#world.keys[draft.key];
    if (key) draft.headers.push(['Authorization', `Bearer ${key}`]);
    for (const group of ['address', 'header']) this.#apply(draft, group, random);
    if (draft.bytes.length > 0 || draft.body !== undefined)
      draft.headers.push(['content-length', String(draft.bytes.length)]);
    this.#apply(draft, 'wire', random);
    const { method, operation, faults, mayBeCut = false, isForeign = false } = draft;
    const whole = this.#wholeOf(draft);
    return {
      index,
      faults,
      operation: isForeign ? undefined : operation,
      operationId: operation.operationId,
      isHead: method === 'HEAD',
      mayBeCut,
      mustBeRefused: whyRefused(draft),
      bytes: draft.onWire ? draft.onWire(whole) : whole,
    };
  }

  #wholeOf({ method, path, ids, query, headers, bytes }) {
    const address = path.replaceAll(/\{[a-z]+\}/g, () => ids());
    const target = query.length === 0 ? address : `${address}?${query.join('&')}`;
    const lines = [['host', this.#world.host], ['connection', 'close'], ...headers];
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return Buffer.concat([
      Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1'),
      bytes,
    ]);
  }
}
