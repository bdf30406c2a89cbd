// Every way in which a text may stand in a file and still be read: what a leak looks like once something has encoded it.

/** Characters of base64 that only the text's own bytes decide, when `before` bytes stand before it. */
function base64At(bytes, before, encoding) {
  const padded = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]);
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
  return padded.toString(encoding).slice(from, to);
}

const groups = (text, size) => text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
const characters = (text) => Array.from(text);
const codes = (text) => Array.from(Buffer.from(text));
const hexOf = (code, digits) => code.toString(16).padStart(digits, '0');

/** A number as a machine holds it: packed decimal digits, and an integer of any width, either way round. */
function numberForms(text) {
  if (!/^\d{10,18}$/.test(text)) return {};
  const hex = BigInt(text).toString(16);
  const big = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const little = Buffer.from(big.toReversed());
  const packed = Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex');
  return {
    'packed digits': packed,
    'integer, big end first': big,
    'integer, little end first': little,
  };
}

/**
 * The spellings of a text, each with its name. Two may be the same bytes.
 * @param {string} text ASCII
 * @returns {Record<string, Buffer>}
 */
export function spellings(text) {
  const bytes = Buffer.from(text);
  const reversed = characters(text).toReversed().join('');
  const base64 = ['base64', 'base64url'].flatMap((encoding) =>
    [0, 1, 2].map((before) => [`${encoding} at ${before}`, base64At(bytes, before, encoding)]),
  );
  const texts = {
    plain: text,
    reversed,
    'in fours': groups(text, 4).join(' '),
    'in fours with dashes': groups(text, 4).join('-'),
    'spaced out': characters(text).join(' '),
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
  const encoded = Object.entries(texts).map(([name, spelled]) => [name, Buffer.from(spelled)]);
  return {
    ...Object.fromEntries(encoded),
    'two bytes a character': Buffer.from(text, 'utf16le'),
    ...numberForms(text),
  };
}
