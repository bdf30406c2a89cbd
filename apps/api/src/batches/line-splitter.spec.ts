import fc from 'fast-check';
import { LineSplitter } from './line-splitter.js';

const MAX = 8;

/** Splits the chunks, and shows a line that is too long as `null`. */
function split(chunks: readonly string[]): (string | null)[] {
  const splitter = new LineSplitter(MAX);
  const lines = [
    ...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))),
    ...splitter.end(),
  ];
  return lines.map((line) => line?.toString() ?? null);
}

it.each([
  ['', []],
  ['\n', ['']],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['a\n\n\r\nb', ['a', '', '', 'b']],
  ['12345678\n', ['12345678']],
  ['12345678\r\n', ['12345678']],
  ['123456789\nb', [null, 'b']],
  ['123456789\r\nb', [null, 'b']],
  ['12345678901234567890', [null]],
])('%j has the lines %j', (text, lines) => expect(split([text])).toEqual(lines));

it('finds the same lines however the bytes are cut', () => {
  const text = fc.array(fc.constantFrom('a', 'bc', '\n', '\r\n', '12345', '\r'), { maxLength: 30 });
  fc.assert(
    fc.property(text, (chunks) => {
      expect(split(chunks)).toEqual(split([chunks.join('')]));
    }),
  );
});
