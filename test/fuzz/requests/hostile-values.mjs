// Values of a wrong type, an impossible size or a nasty spelling.
import { NUMBERS, NUMBER_TEXTS, POISON, TEXTS } from './spellings.mjs';

/** A value as deep as `levels`. */
export function nested(levels, { asObjects = false } = {}) {
  let value = 'end';
  for (let level = 0; level < levels; level += 1) value = asObjects ? { a: value } : [value];
  return value;
}

/** Something of a wrong type, an impossible size or a nasty spelling. */
export function hostileValue(random) {
  const kinds = [
    () => random.pick(NUMBERS),
    () => random.pick(NUMBER_TEXTS),
    () => random.pick(TEXTS),
    () => random.pick(TEXTS),
    () => random.pick([null, true, false, [], {}, [null], [[]], { length: -1 }, { toString: 1 }]),
    () => nested(1 + random.below(30), { asObjects: random.below(2) === 0 }),
    () => Array.from({ length: random.pick([2, 100, 3_000]) }, () => random.pick(NUMBERS)),
    () => Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`k${at}`, 'v'])),
    () => ({ [random.pick(POISON)]: random.pick([1, null, { admin: true }]) }),
    () =>
      String.fromCharCode(
        ...Array.from({ length: 1 + random.below(20) }, () => random.below(65_536)),
      ),
  ];
  return random.pick(kinds)();
}

/** A text alone, for places that hold nothing else: headers, addresses, form fields. */
export function hostileText(random) {
  return random.pick([...TEXTS, ...NUMBER_TEXTS, ...POISON]);
}
