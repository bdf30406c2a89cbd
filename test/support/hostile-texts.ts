// Texts that a column, a header or a parser could reject; a gateway or an impostor could send them.

/** Each text with its description. */
export const hostileTexts: readonly (readonly [what: string, text: string])[] = [
  ['a zero character', 'a\0b'],
  ['nothing but zero characters', '\0\0'],
  ['half a surrogate pair', 'a\uD800b'],
  ['the other half', '\uDC00'],
  ['surrogates the wrong way round', '\uDE00\uD83D'],
  ['line breaks', 'a\r\nset-cookie: b\n'],
  ['an escape sequence', '\u001B[2J\u001B]0;x\u0007'],
  ['separators of lines and directions', '\u2028\u2029\u202E\u200F'],
  ['no characters', '\uFFFE\uFFFF\u{10FFFF}'],
  ['twenty thousand characters', 'x'.repeat(20_000)],
  ['a pair that a cut would halve', `${'x'.repeat(499)}🚀`],
  ['a URL with a zero character', 'https://gateway.example/\0?\uD800'],
  ['a URL with a line break', 'https://gateway.example/\r\nx: y'],
  ['quotes and braces', '"\\\'{}$1%s\\u0000'],
];
