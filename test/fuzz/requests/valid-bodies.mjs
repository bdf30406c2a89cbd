// Bodies that are accepted: the document's own examples, with values its schemas allow, names this run knows and a card that can be opened.
import { CompactEncrypt, importJWK } from 'jose';

const SEALED = 12;
/** One in so many asks for a reference that is taken. */
const REPEATED_ONE_IN = 12;
/** Replaced by other valid values; the others decide whether a request makes sense as a whole. */
const FREE = ['product_name', 'customer', 'metadata', 'source_url', 'reason'];
const AMOUNTS = ['0.01', '1', '11.11', '11.1', '99999999.99', '00012.50', '130.0'];

/** A card as a request holds it. */
const wireOf = ({ number, cvv }) => ({ number, cvv });

export class ValidBodies {
  #sealed;
  #card;
  #values;
  #world;

  constructor(sealed, { card, values, world }) {
    this.#card = card;
    this.#sealed = sealed;
    this.#values = values;
    this.#world = world;
  }

  /** @param {{ values: object, card: import('../oracles/secrets.mjs').RunCard, world: { terminals: string[], run: string, taken: string[], apiUrl: string } }} parts */
  static async prepare(parts) {
    const { keys } = await (await fetch(`${parts.world.apiUrl}/.well-known/jwks.json`)).json();
    const key = await importJWK(keys[0], 'ECDH-ES');
    const card = { ...wireOf(parts.card), exp_month: '01', exp_year: '30' };
    const seal = () =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(card)))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: keys[0].kid })
        .encrypt(key);
    return new ValidBodies(await Promise.all(Array.from({ length: SEALED }, seal)), parts);
  }

  /** A body of its own for request `index`. */
  of({ requestBody }, { index, random }) {
    const { schema, examples } = requestBody.content['application/json'];
    const body = structuredClone(random.pick(Object.values(examples)).value);
    const { run, taken, terminals } = this.#world;
    body.reference =
      random.below(REPEATED_ONE_IN) === 0 ? random.pick(taken) : `fz-${run}-${index}`;
    if (body.terminal !== undefined) body.terminal = random.pick(terminals);
    if (body.card !== undefined) Object.assign(body.card, wireOf(this.#card));
    if (body.card_jwe !== undefined) body.card_jwe = random.pick(this.#sealed);
    if (random.below(3) === 0) body.amount = random.pick(AMOUNTS);
    const { properties } = this.#values.resolve(schema);
    for (const name of FREE)
      if (name in properties && random.below(4) === 0)
        body[name] = this.#values.of(properties[name], random);
    return body;
  }
}
