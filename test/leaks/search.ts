// Searches bytes for secrets, in every form in which a text can be stored and still be read.
import type { CanaryCard } from './canaries.js';

/** A file, a page or a table, as bytes. */
export interface Artifact {
  readonly name: string;
  readonly bytes: Buffer;
}

/** One form of a secret. */
export interface Needle {
  readonly what: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Shorter parts of a number appear by chance; masked numbers show six and four digits (PCI DSS
 * 3.4.1).
 */
const PART_DIGITS = 11;

/** Characters of base64 that depend on the text alone, when `before` bytes precede it. */
function base64At(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): string {
  const padded = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]);
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
  return padded.toString(encoding).slice(from, to);
}

const groups = (text: string, size: number): string[] =>
  text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
const codes = (text: string) => Array.from(Buffer.from(text));
const hexOf = (code: number, digits: number) => code.toString(16).padStart(digits, '0');
const ofEvenLength = (text: string) => (text.length % 2 === 0 ? text : `0${text}`);

/** A number in a machine's forms: packed decimal digits, and an integer in either byte order. */
function numberForms(text: string): Record<string, Buffer> {
  if (!/^\d{10,18}$/.test(text)) return {};
  const bigEndian = Buffer.from(ofEvenLength(BigInt(text).toString(16)), 'hex');
  return {
    'packed digits': Buffer.from(ofEvenLength(text), 'hex'),
    'big-endian integer': bigEndian,
    'little-endian integer': Buffer.from(bigEndian.toReversed()),
  };
}

/** The forms of an ASCII text by name. Two may be the same bytes. */
function formsOf(text: string): Record<string, Buffer> {
  const bytes = Buffer.from(text);
  const reversed = Array.from(text).toReversed().join('');
  const base64 = (['base64', 'base64url'] as const).flatMap((encoding) =>
    [0, 1, 2].map((before) => [`${encoding} at ${before}`, base64At(bytes, before, encoding)]),
  );
  const texts: Record<string, string> = {
    plain: text,
    reversed,
    'in fours': groups(text, 4).join(' '),
    'in fours with dashes': groups(text, 4).join('-'),
    'spaced out': Array.from(text).join(' '),
    hex: bytes.toString('hex'),
    HEX: bytes.toString('hex').toUpperCase(),
    'hex of the reverse': Buffer.from(reversed).toString('hex'),
    'URL-encoded': encodeURIComponent(text),
    'URL-encoded throughout': codes(text)
      .map((code) => `%${hexOf(code, 2)}`)
      .join(''),
    'JSON escapes': codes(text)
      .map((code) => `\\u${hexOf(code, 4)}`)
      .join(''),
    'JSON in JSON': JSON.stringify(text).slice(1, -1),
    'codes of a Buffer': codes(text).join(','),
    ...Object.fromEntries(base64),
  };
  const encoded = Object.entries(texts).map(([name, form]) => [name, Buffer.from(form)]);
  return {
    ...Object.fromEntries(encoded),
    'two bytes a character': Buffer.from(text, 'utf16le'),
    ...numberForms(text),
  };
}

/** Every form of a secret. */
export function needlesFor(what: string, text: string): Needle[] {
  const distinct = new Map<string, Needle>();
  for (const [form, bytes] of Object.entries(formsOf(text))) {
    const key = bytes.toString('latin1');
    if (!distinct.has(key)) distinct.set(key, { what, form, bytes });
  }
  return [...distinct.values()];
}

/**
 * A card's number, whole and in part, and its CVV beside each of its field names: three digits
 * alone are everywhere.
 */
export function needlesForCard({ name, number, cvv }: CanaryCard): Needle[] {
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
    ...cvvs.flatMap((text) => needlesFor(`CVV of ${name}`, text)),
  ];
}

/** Needles by their first three bytes, so that one pass looks for hundreds. */
class NeedleIndex {
  readonly #begins = new Uint8Array(2 ** 24);
  readonly #needles = new Map<number, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const key = needle.bytes.readUIntBE(0, 3);
      this.#begins[key] = 1;
      this.#needles.set(key, [...(this.#needles.get(key) ?? []), needle]);
    }
  }

  needlesIn(bytes: Buffer): Set<Needle> {
    const found = new Set<Needle>();
    let key = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      key = ((key << 8) | (bytes[end] ?? 0)) & 0xff_ff_ff;
      if (end < 2 || this.#begins[key] === 0) continue;
      for (const needle of this.#needles.get(key) ?? []) {
        const from = end - 2;
        const here = bytes.subarray(from, from + needle.bytes.length);
        if (here.equals(needle.bytes)) found.add(needle);
      }
    }
    return found;
  }
}

/** The search for these needles, for artifacts that come one by one; see {@link leaksIn}. */
export function searchFor(needles: readonly Needle[]): (artifact: Artifact) => string[] {
  const index = new NeedleIndex(needles);
  return ({ name, bytes }) =>
    Array.from(index.needlesIn(bytes), ({ what, form }) => `${what}, ${form}: ${name}`);
}

/** Each leak as a text: the secret, its form, and the artifact. */
export function leaksIn(artifacts: readonly Artifact[], needles: readonly Needle[]): string[] {
  return artifacts.flatMap(searchFor(needles));
}
