// Goal: to read the text of a gateway's server, whatever its editor or its charset. Method: a table
// of encodings, and properties: no bytes make it throw, and ASCII, of which every identity
// consists, survives every decoding.
import fc from 'fast-check';
import { textOfBytes } from './wire-bytes.js';

const JSON_TYPE = 'application/json';
const text = '{"transID":"1","response":"Genehmigt für Müller €"}';
const western = Buffer.from('{"transID":"1","response":"Genehmigt für Müller"}', 'latin1');
const readWestern = '{"transID":"1","response":"Genehmigt für Müller"}';
const bigEndian = (value: string) => Buffer.from(value, 'utf16le').swap16();

describe('textOfBytes', () => {
  it.each<[string, string | undefined, Buffer, string]>([
    ['UTF-8', JSON_TYPE, Buffer.from(text), text],
    ['declared UTF-8', `${JSON_TYPE}; charset=UTF-8`, Buffer.from(text), text],
    ['UTF-8 without a content type', undefined, Buffer.from(text), text],
    ['UTF-8 after a mark', JSON_TYPE, Buffer.from(`\uFEFF${text}`), text],
    [
      'a mark that contradicts the declaration',
      `${JSON_TYPE}; charset=latin1`,
      Buffer.from(`\uFEFF${text}`),
      text,
    ],
    ['UTF-16LE after a mark', JSON_TYPE, Buffer.from(`\uFEFF${text}`, 'utf16le'), text],
    ['UTF-16BE after a mark', JSON_TYPE, bigEndian(`\uFEFF${text}`), text],
    ['declared UTF-16LE', `${JSON_TYPE};charset=utf-16le`, Buffer.from(text, 'utf16le'), text],
    ['declared UTF-16BE', `${JSON_TYPE};charset=utf-16be`, bigEndian(text), text],
    ['UTF-16 in the declaration only', `${JSON_TYPE};charset=utf-16`, Buffer.from(text), text],
    ['declared Latin-1', `${JSON_TYPE}; charset=iso-8859-1`, western, readWestern],
    ['Latin-1 in quotes', `${JSON_TYPE}; charset="ISO-8859-1"`, western, readWestern],
    [
      'Latin-1 after another parameter',
      `${JSON_TYPE}; v=1; Charset=latin1 ; q=2`,
      western,
      readWestern,
    ],
    ['undeclared Latin-1', JSON_TYPE, western, readWestern],
    ['Latin-1 called UTF-8', `${JSON_TYPE}; charset=utf-8`, western, readWestern],
    ['Latin-1 declared by an unknown name', `${JSON_TYPE}; charset=x-bank`, western, readWestern],
    ['UTF-8 declared by an unknown name', `${JSON_TYPE}; charset=x-bank`, Buffer.from(text), text],
    [
      'UTF-8 declared by the name of no decoder',
      `${JSON_TYPE}; charset=iso-2022-kr`,
      Buffer.from(text),
      text,
    ],
    ['UTF-8 declared by an empty name', `${JSON_TYPE}; charset=`, Buffer.from(text), text],
    ['declared Shift_JIS', 'text/plain; charset=Shift_JIS', Buffer.from([0x83, 0x5c]), 'ソ'],
    ['nothing', JSON_TYPE, Buffer.alloc(0), ''],
    ['a mark alone', JSON_TYPE, Buffer.from('\uFEFF'), ''],
    ['half a mark', JSON_TYPE, Buffer.from([0xef, 0xbb]), 'ï»'],
  ])('reads %s', (_what, contentType, bytes, read) => {
    expect(textOfBytes(bytes, contentType)).toBe(read);
  });

  it('decodes any bytes, under any declaration', () => {
    const names = fc.oneof(
      fc.string(),
      fc.string().map((name) => `application/json; charset=${name}`),
      fc
        .constantFrom('utf-16', 'gbk', 'euc-jp', 'iso-2022-jp')
        .map((name) => `a/b;charset=${name}`),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), names, (bytes, contentType) => {
        expect(typeof textOfBytes(bytes, contentType)).toBe('string');
      }),
    );
  });

  it('decodes ASCII alike under every declaration', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7d }).map((code) => String.fromCharCode(code)),
    });
    const names = fc.constantFrom(
      'utf-8',
      'latin1',
      'utf-16',
      'gbk',
      'big5',
      'euc-kr',
      'x-bank',
      '',
    );
    fc.assert(
      fc.property(ascii, names, (value, name) => {
        expect(textOfBytes(Buffer.from(value), `application/json; charset=${name}`)).toBe(value);
      }),
    );
  });
});
