// Changes of a body's bytes, for requests and callbacks alike.
import fc from 'fast-check';
import type { Changes } from '../inputs.js';
import { oneOf } from './values.js';

/** A change of a body; some take a part of the other one. */
export type BytesChange = (bytes: Buffer, other: Buffer) => Buffer;

/** Up to `maxLength` bytes without any meaning. */
export const noise = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength, size: 'max' }).map((bytes) => Buffer.from(bytes));

/** Turns one bit of the bytes. */
export function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const byte = (at >>> 3) % Math.max(1, copy.length);
  if (copy.length > 0) copy[byte] = (copy[byte] ?? 0) ^ (1 << (at & 7));
  return copy;
}

const cut = (bytes: Buffer, at: number) => bytes.subarray(0, at % (bytes.length + 1));
/** They fit a ciphertext too. */
export const BYTES_CHANGES: Changes<BytesChange> = {
  flipped: fc.nat().map((at) => (bytes) => flipped(bytes, at)),
  cut: fc.nat().map((at) => (bytes) => cut(bytes, at)),
  spliced: fc.tuple(fc.nat(), fc.nat()).map(
    ([at, from]) =>
      (bytes, other) =>
        Buffer.concat([cut(bytes, at), other.subarray(from % (other.length + 1))]),
  ),
};

/** A change of a body as text, with something that is drawn for it. */
export const ofText = <T>(
  drawn: fc.Arbitrary<T>,
  change: (text: string, value: T) => string | Buffer,
) =>
  drawn.map(
    (value): BytesChange =>
      (bytes) =>
        Buffer.from(change(bytes.toString(), value)),
  );
/** Puts a member before all others of a JSON object. */
export const member = (text: string, json: string): string => text.replace('{', () => `{${json},`);

/** It starts at a quote or a separator, so that a text of a megabyte is read only once. */
const NAME_IN_BODY = /(?:^|["&])([a-z_]{1,40})(?=":|=)/gi;

/**
 * Changes of a body that is JSON or a form. A name that is there, or one of `names`, comes once
 * more with one of `values`, which are JSON.
 */
export const textChanges = (
  names: readonly string[],
  values: fc.Arbitrary<string>,
): Changes<BytesChange> => ({
  ...BYTES_CHANGES,
  duplicateName: ofText(
    fc.record({ drawn: fc.nat(), value: values, isFirst: fc.boolean() }),
    (text, { drawn, value, isFirst }) => {
      const found = [...text.matchAll(NAME_IN_BODY)].map(([, name]) => name);
      const all = [...names, ...found];
      const name = all[drawn % all.length];
      if (!text.startsWith('{')) return `${text}&${name}=${value.replaceAll('"', '')}`;
      const json = `"${name}":${value}`;
      return isFirst ? member(text, json) : text.replace(/\}$/, () => `,${json}}`);
    },
  ),
  trailing: ofText(
    oneOf('//x | } | , | [] | &amount=1', '\u0000', ' \n', '\ufeff'),
    (text, tail) => text + tail,
  ),
  twice: ofText(fc.constant(2), (text, times) => text.repeat(times)),
  escapes: ofText(
    oneOf(
      String.raw`\ud83c | \udc00\ud800 | \u0000 | \ud83c\u0041 | \x | \u12 | \u{1} | %E0%A4%A`,
      '\t',
      '\n',
    ),
    (text, escape) => text.replace(/":"|=/, (start) => start + escape),
  ),
  deep: ofText(
    fc.tuple(
      fc.constantFrom(20, 21, 40, 500, 5_000, 12_000, 30_000),
      fc.constantFrom(['{"a":', '}'], ['[', ']']),
      fc.boolean(),
      fc.boolean(),
    ),
    (text, [levels, [open = '', close = ''], isClosed, isWhole]) => {
      const deep = `${open.repeat(levels)}1${isClosed ? close.repeat(levels) : ''}`;
      return isWhole ? deep : member(text, `"deep":${deep}`);
    },
  ),
  notJson: ofText(
    oneOf('', ' ', '\ufeff{}', `null | NaN | 'a' | <a/> | a=1&b=2 | {a:1} | [ | " | 1e`),
    (_, text) => text,
  ),
  noise: noise(400).map((bytes) => () => bytes),
  // In Latin-1 the two letters are bytes that UTF-8 does not allow: NUL on two of them.
  otherEncoding: ofText(
    fc.tuple(oneOf('', '\ufeff'), fc.constantFrom('utf8', 'utf16le', 'latin1')),
    (text, [mark, encoding]) =>
      Buffer.from(mark + text.replace('":"', '":"\u00c0\u0080'), encoding),
  ),
});
