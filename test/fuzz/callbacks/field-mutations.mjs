// What can be done to the fields of a callback.
import { hostileText, hostileValue, nested } from '../requests/hostile-values.mjs';
import { POISON } from '../requests/spellings.mjs';

/** The gateway’s and what looks like them. */
export const CODES = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '7',
  '8',
  '9',
  '10',
  '11',
  '12',
  '20',
  '22',
  '23',
  '24',
  '25',
  '26',
  '27',
  '28',
  '-1',
  '99',
  '1.0',
  '01',
  '١',
];
/** As the gateway writes them, and as nobody should. */
export const AMOUNTS = [
  '1.0E7',
  '1e308',
  '-11.11',
  '0',
  'NaN',
  'Infinity',
  '11,11',
  '0.1',
  '1E-40',
  '1E999',
  `1${'0'.repeat(70)}`,
  '11.110',
  '1.111E1',
];
/** There, and not to be read as what they look like. */
const UNREADABLE = [[], {}, ['11.11'], { a: 1 }, true, false, 'X\u200B', '\u0000', '   '];
const TRANS_IDS = [
  '0',
  '-1',
  '9007199254740993',
  '9'.repeat(19),
  '9'.repeat(30),
  '1e17',
  '0x1',
  '',
  ' 1',
  '１',
];
/** The fields that matter (§6.3). */
export const NAMES = [
  'transID',
  'order_status',
  'bill_amt',
  'bill_currency',
  'reference',
  'status',
  'response',
  'ccno',
  'authurl',
  'tdate',
];

const set = (fields, name, value) =>
  Object.defineProperty(fields, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

/** They change the fields. */
export const FIELD_MUTATIONS = {
  code: (fields, random) => set(fields, 'order_status', random.pick(CODES)),
  amount: (fields, random) => set(fields, 'bill_amt', random.pick(AMOUNTS)),
  transId: (fields, random) => set(fields, 'transID', random.pick(TRANS_IDS)),
  number: (fields, random) =>
    set(
      fields,
      random.pick(NAMES),
      random.pick(['@@number:1e308@@', '@@number:-0@@', `@@number:${'9'.repeat(400)}@@`]),
    ),
  unreadable: (fields, random) => set(fields, random.pick(NAMES), random.pick(UNREADABLE)),
  nearly: (fields, random) => {
    const name = random.pick(['reference', 'bill_currency', 'bill_amt', 'ccno']);
    const spoil = random.pick([(text) => `${text}\u200B`, (text) => `1,${text}`, (text) => [text]]);
    set(fields, name, spoil(fields[name]));
  },
  terminal: (fields, random) =>
    set(fields, random.pick(['terno', 'terNO']), random.pick(['0', '1.0', 'x', '٤٢', [], {}])),
  missing: (fields, random) => delete fields[random.pick(NAMES)],
  hostile: (fields, random) => set(fields, random.pick(NAMES), hostileValue(random)),
  text: (fields, random) => set(fields, random.pick(NAMES), hostileText(random)),
  poisoned: (fields, random) => set(fields, random.pick(POISON), hostileValue(random)),
  ofAnother: (fields, random, other) => {
    const name = random.pick(NAMES);
    set(fields, name, other.fields[name]);
  },
  halfOfAnother: (fields, random, other) => {
    for (const name of NAMES) if (random.below(2) === 0) set(fields, name, other.fields[name]);
  },
  deep: (fields, random) =>
    set(
      fields,
      'authdata',
      nested(random.pick([5, 31, 33, 2_000]), { asObjects: random.below(2) === 0 }),
    ),
  data: (fields, random) => set(fields, 'data', random.pick(['', 'AAAA', 'x', [], null])),
};
