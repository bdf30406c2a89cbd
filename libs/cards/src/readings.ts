// What a text can be read as: its digits in whatever script, and what an encoding hides. A card number that a caller wrote where it
// may not be kept is one in every spelling that a program or a person can turn back (PCI DSS 3.3, 3.5).

/** Encodings within encodings are followed this deep. */
const DEPTH_MAX = 3;
/** A text that decodes into more than this many texts is made to be expensive. */
const READINGS_MAX = 32;

const PERCENT = /(?:%[0-9a-f]{2})+/gi;
const ESCAPE =
  /&#\d{1,7};?|&#x[0-9a-f]{1,6};?|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}|\\x[0-9a-f]{2}/gi;
/** Fourteen digits, the shortest number looked for, take 19 characters in base64 and 28 in hex. */
const BASE64 = /[A-Za-z0-9+/_-]{18,}/g;
const HEX = /[0-9a-f]{26,}/gi;
const NOT_PLAIN = /[^\x20-\x7e]/;
const MAY_HIDE = /[^\x20-\x7e]|%[0-9A-Fa-f]{2}|&#|\\[ux]|[A-Za-z0-9+/_-]{18,}/;

/** Whether a text can be read otherwise than as it stands: not so of nearly every one. */
export function mayHide(text: string): boolean {
  return MAY_HIDE.test(text);
}

/** `text` with ASCII digits, and every text that its escapes, base64 and hex decode to. */
export function readings(text: string): readonly string[] {
  if (!mayHide(text)) return [text];
  const found = new Set<string>();
  let layer = [text];
  for (let depth = 0; depth <= DEPTH_MAX && layer.length > 0; depth += 1) {
    const read = layer.map(withAsciiDigits).filter((reading) => !found.has(reading));
    for (const reading of read) if (found.size < READINGS_MAX) found.add(reading);
    layer = found.size < READINGS_MAX ? read.flatMap(decoded) : [];
  }
  return [...found];
}

function decoded(text: string): string[] {
  const unescaped = text
    .replaceAll(PERCENT, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString())
    .replaceAll(ESCAPE, characterOf);
  return [
    unescaped,
    // Where an encoded text begins within its neighbours is not known.
    ...(text.match(BASE64) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((from) => asciiIn(Buffer.from(run.slice(from), 'base64'))),
    ),
    ...(text.match(HEX) ?? []).flatMap((run) =>
      [0, 1].map((from) => asciiIn(Buffer.from(run.slice(from), 'hex'))),
    ),
  ];
}

/** Of UTF-16 the other byte of each ASCII character is zero. */
function asciiIn(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll('\0', '')
    .replaceAll(/[^\x20-\x7e]+/g, ' ');
}

function characterOf(escape: string): string {
  const base = /^&#\d/.test(escape) ? 10 : 16;
  const code = Number.parseInt(escape.replace(/^(?:&#x?|\\u\{?|\\x)/i, ''), base);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : escape;
}

/** Decimal digits of every script as ASCII, and other compatible characters as the plain ones they stand for (NFKC). */
function withAsciiDigits(text: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  return text
    .normalize('NFKC')
    .replaceAll(/[〇零一二三四五六七八九]/g, (numeral) => CHINESE[numeral] ?? numeral)
    .replaceAll(/\p{Nd}/gu, asciiDigit);
}

const CHINESE: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from('零一二三四五六七八九〇', (numeral, value) => [numeral, String(value % 10)]),
);

/** Unicode has the ten digits of each script side by side, from zero up, so that a run of them starts with a zero. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
