// What can be wrong with a body as a value.
import { hostileValue } from './hostile-values.mjs';
import { groupsOf, POISON } from './spellings.mjs';

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object within `value` with the names it has. */
function* placesIn(value) {
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    yield { holder: value, name };
    yield* placesIn(value[name]);
  }
}

function set(holder, name, value) {
  // Assigning `__proto__` would set the prototype instead.
  Object.defineProperty(holder, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function atPlace(change) {
  return (draft, random) => {
    const places = [...placesIn(draft.body)];
    if (places.length > 0) change(random.pick(places), random, draft);
  };
}

const DIGIT_SCRIPTS = [0x30, 0x660, 0x966, 0xff10, 0x1d7d8];
const SEPARATORS = ['', ' ', '-', '.', '_', '/', ',', ':', '\u00a0', '\u200b', '\u2013', ' - '];

/** A card number in a grouping, a script of digits or an encoding. */
function spelledNumber(number, random) {
  const encode = random.pick([
    (text) => text,
    (text) => Array.from(text, (digit) => `%3${digit}`).join(''),
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('hex'),
    (text) => Array.from(text, (digit) => `&#${digit.charCodeAt(0)};`).join(''),
    (text) => {
      const zero = random.pick(DIGIT_SCRIPTS);
      const digits = Array.from(text, (digit) => String.fromCodePoint(zero + Number(digit)));
      const size = random.pick([1, 4]);
      const groups = digits
        .map((_, at) => digits.slice(at, at + size))
        .filter((_, at) => at % size === 0);
      return groups.map((group) => group.join('')).join(random.pick(SEPARATORS));
    },
  ]);
  return encode(number);
}

function notesHolding({ number, cvv }, spelled, hasCard) {
  const pieces = Object.fromEntries(
    (number.match(/.{1,4}/g) ?? []).map((piece, at) => [`p${at}`, piece]),
  );
  return [
    { note: `card ${spelled}` },
    { [spelled.slice(0, 40)]: 'x' },
    { cvv },
    ...(hasCard ? [pieces] : []),
  ];
}

/** They change `draft.body`, a JSON value. */
export const VALUE_FAULTS = {
  hostileValue: atPlace(({ holder, name }, random) => set(holder, name, hostileValue(random))),
  null: atPlace(({ holder, name }) => set(holder, name, null)),
  missing: atPlace(({ holder, name }) => delete holder[name]),
  wrapped: atPlace(({ holder, name }, random) =>
    set(
      holder,
      name,
      random.pick([[holder[name]], { value: holder[name] }, { [name]: holder[name] }]),
    ),
  ),
  retyped: atPlace(({ holder, name }) =>
    set(
      holder,
      name,
      typeof holder[name] === 'string' ? Number(holder[name]) : String(holder[name]),
    ),
  ),
  swapped: atPlace(({ holder, name }, random, { body }) =>
    set(holder, name, structuredClone(body[random.pick(Object.keys(body))])),
  ),
  unknownField: atPlace(({ holder }, random) =>
    set(holder, `x${random.below(99)}`, hostileValue(random)),
  ),
  poisonedField: atPlace(({ holder }, random) =>
    set(holder, random.pick(POISON), random.pick([{ status: 'succeeded' }, 1, null, 'x'])),
  ),
  hostileName: atPlace(({ holder, name }, random) => {
    const value = hostileValue(random);
    set(holder, typeof value === 'string' ? value.slice(0, 3_000) : `${name} `, holder[name]);
  }),
  /** Where the api has the card in clear it finds it in pieces too; of one that its caller sealed it finds the whole. */
  cardElsewhere: ({ body, card }, random) => {
    if (!isObject(body)) return;
    const number = spelledNumber(card.number, random);
    const name = random.pick(body.card ? ['product_name', 'metadata', 'customer'] : ['reason']);
    if (name === 'metadata') body.metadata = random.pick(notesHolding(card, number, body.card));
    else if (name === 'customer') body.customer = { ...body.customer, name: number };
    else body[name] = `paid with ${number}`;
  },
  cardAsName: (draft, random) => {
    if (!isObject(draft.body)) return;
    const { number, cvv } = draft.card;
    const name = random.pick([
      number,
      groupsOf(number, random),
      `x${number}`,
      `{"number":"${groupsOf(number, random)}","cvv":"${cvv}"}`,
    ]);
    const holders = [draft.body, ...[...placesIn(draft.body)].map(({ holder }) => holder)];
    set(random.pick(holders), name, random.pick([1, '', cvv, {}]));
  },
  manyNotes: (draft, random) => {
    if (!isObject(draft.body)) return;
    const count = random.pick([20, 21, 2_000]);
    draft.body.metadata = Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`n${at}`, 'v']),
    );
  },
  anotherRoot: (draft, random) => {
    draft.body = random.pick([[draft.body], null, 'text', true, [], {}, hostileValue(random)]);
  },
};
