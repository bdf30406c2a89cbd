// What can be wrong with a body as the text it is sent as.
import { nested } from './hostile-values.mjs';

const textFault = (change) => (draft, random) => {
  const text = draft.bytes.toString();
  draft.bytes = Buffer.from(change(text, random, draft));
};

function someName(text, random) {
  const names = [...text.matchAll(/"([a-z_]+)":/g)].map(([, name]) => name);
  return names.length > 0 ? random.pick(names) : 'amount';
}

const bytesFault = (change) => (draft, random) => {
  draft.bytes = change(Buffer.from(draft.bytes), random);
};

/** They change `draft.bytes`, the body as it is sent. */
export const TEXT_FAULTS = {
  duplicateName: textFault((text, random) => {
    const name = someName(text, random);
    const twin = JSON.stringify(random.pick(['0.01', null, {}, 'x'])).replace('null', '-0');
    const [first, last] = [`{"${name}":${twin},`, `,"${name}":${twin}}`];
    return random.below(2) === 0 ? text.replace('{', first) : text.replace(/\}$/, last);
  }),
  rawPoison: textFault((text, random) =>
    text.replace(
      '{',
      `{"${random.pick(['__proto__', '\\u005f_proto__', 'constructor'])}":{"prototype":{"a":1}},`,
    ),
  ),
  truncated: textFault((text, random) => text.slice(0, random.below(text.length))),
  trailing: textFault(
    (text, random) => text + random.pick(['}', ',', '\u0000', text, '//x', '[]', ' \n']),
  ),
  deep: textFault((text, random) => {
    const levels = random.pick([20, 21, 500, 5_000, 30_000]);
    const [open, close] = random.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ]);
    const deep = `${open.repeat(levels)}1${random.below(2) === 0 ? close.repeat(levels) : ''}`;
    return random.below(2) === 0 ? deep : text.replace('{', `{"deep":${deep},`);
  }),
  deepWithin: textFault((text, random) =>
    text.replace(
      '{',
      `{"metadata":${JSON.stringify(nested(2 + random.below(18), { asObjects: true }))},`,
    ),
  ),
  oversized: textFault((text, random) =>
    text.replace('{', `{"pad":"${'x'.repeat(random.pick([60_000, 65_536, 200_000, 1_500_000]))}",`),
  ),
  halfSurrogate: textFault((text, random) =>
    text.replace(
      '":"',
      `":"${random.pick(['\\ud83c', '\\udc00\\ud800', '\\u0000', '\\ud83c\\u0041'])}`,
    ),
  ),
  badEscape: textFault((text, random) =>
    text.replace('":"', `":"${random.pick(['\\x', '\\u12', '\\u{1}', '\t', '\n'])}`),
  ),
  notJson: textFault((text, random) =>
    random.pick([
      '',
      ' ',
      'null',
      'NaN',
      `'a'`,
      '<a/>',
      'a=1&b=2',
      '\ufeff{}',
      '{a:1}',
      '[',
      '"',
      '1e',
    ]),
  ),
  flippedBit: bytesFault((bytes, random) => {
    if (bytes.length > 0) bytes[random.below(bytes.length)] ^= 1 << random.below(8);
    return bytes;
  }),
  noise: bytesFault((_, random) =>
    Buffer.from(Array.from({ length: random.below(400) }, () => random.below(256))),
  ),
  otherEncoding: bytesFault((bytes, random) =>
    random.pick([
      Buffer.from(bytes.toString(), 'utf16le'),
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString(), 'utf16le')]),
      Buffer.from(bytes.toString().replace('Two', 'Tw\u00f6'), 'latin1'),
      Buffer.from(bytes.toString().replace('"EUR"', '"\u00c0\u0080"'), 'latin1'),
    ]),
  ),
};
