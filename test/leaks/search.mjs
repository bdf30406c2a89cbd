// Looks for secrets byte for byte.
import { spellings } from './spellings.mjs';

/** Shorter than this, digits stand together by chance; masked numbers show six and four (PCI DSS 3.4.1). */
const PART_DIGITS = 11;

/** @typedef {{ what: string, spelled: string, bytes: Buffer }} Needle */

/** @returns {Needle[]} every spelling of a text */
export function needlesFor(what, text) {
  const distinct = new Map();
  for (const [spelled, bytes] of Object.entries(spellings(text)))
    if (!distinct.has(bytes.toString('latin1')))
      distinct.set(bytes.toString('latin1'), { what, spelled, bytes });
  return [...distinct.values()];
}

/** A card's number, whole and in part, and its CVV beside any of the names it goes by: alone, three digits are everywhere. */
export function needlesForCard({ name, number, cvv }) {
  const parts = [number.slice(0, PART_DIGITS), number.slice(-PART_DIGITS)];
  const cvvs = ['cvv', 'cvc', 'ccvv'].flatMap((field) => [
    `"${field}":"${cvv}"`,
    `${field}=${cvv}`,
    `${field}: '${cvv}'`,
    `${field}: ${cvv}`,
  ]);
  return [
    ...needlesFor(`number of ${name}`, number),
    ...parts.flatMap((part) => needlesFor(`part of ${name}`, part)),
    ...cvvs.flatMap((spelled) => needlesFor(`CVV of ${name}`, spelled)),
  ];
}

/** Needles by their first three bytes: hundreds are looked for in one pass. */
function byBeginning(needles) {
  const begins = new Uint8Array(2 ** 24);
  const found = new Map();
  for (const needle of needles) {
    const key = needle.bytes.readUIntBE(0, 3);
    begins[key] = 1;
    found.set(key, [...(found.get(key) ?? []), needle]);
  }
  return { begins, found };
}

function needlesIn(bytes, { begins, found }) {
  const seen = new Set();
  let key = 0;
  for (let end = 0; end < bytes.length; end += 1) {
    key = ((key << 8) | bytes[end]) & 0xff_ff_ff;
    if (end < 2 || begins[key] === 0) continue;
    for (const needle of found.get(key)) {
      const from = end - 2;
      const here = bytes.subarray(from, from + needle.bytes.length);
      if (here.equals(needle.bytes)) seen.add(needle);
    }
  }
  return [...seen];
}

/**
 * What is found, as sentences: what, how it is spelled, and where.
 * @param {{ name: string, bytes: Buffer }[]} places
 * @param {Needle[]} needles
 */
export function leaksIn(places, needles) {
  const leaks = searchFor(needles);
  return places.flatMap(leaks);
}

/**
 * The same for places that come one after another: what takes time is done once.
 * @param {Needle[]} needles
 * @returns {(place: { name: string, bytes: Buffer }) => string[]}
 */
export function searchFor(needles) {
  const prepared = byBeginning(needles);
  return ({ name, bytes }) =>
    needlesIn(bytes, prepared).map(({ what, spelled }) => `${what}, ${spelled}: ${name}`);
}
