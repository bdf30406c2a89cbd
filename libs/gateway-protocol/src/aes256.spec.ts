// Tests the codec against vectors of an independent implementation (JDK), and against damage.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { decryptAes256, encryptAes256, GatewayCodecError } from './aes256.js';

interface Vector {
  readonly name: string;
  readonly publicKey: string;
  readonly privateKey: string;
  readonly plaintext: string;
  readonly ciphertext: string;
}

const vectorFile = new URL('../test/gateway-aes256.vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(vectorFile, 'utf8')) as readonly Vector[];
const keys = { publicKey: 'pk+/AAAA=', privateKey: 'private-key-of-this-test' };

/** Returns the text, or the one error that the codec may throw. Any other error fails the test. */
function decryptOrRefuse(ciphertext: string): string | GatewayCodecError {
  try {
    return decryptAes256(ciphertext, keys);
  } catch (error) {
    if (error instanceof GatewayCodecError) return error;
    throw error;
  }
}

function toStandardPadded(ciphertext: string): string {
  return Buffer.from(ciphertext, 'base64url').toString('base64');
}

describe('aes256 against the vectors', () => {
  it('are complete', () => expect(vectors.length).toBeGreaterThanOrEqual(9));

  it.each(vectors)('encrypts $name byte for byte', ({ plaintext, ciphertext, ...pair }) => {
    expect(encryptAes256(plaintext, pair)).toBe(ciphertext);
  });

  it.each(vectors)('decrypts $name', ({ plaintext, ciphertext, ...pair }) => {
    expect(decryptAes256(ciphertext, pair)).toBe(plaintext);
  });

  it.each(vectors)('decrypts $name in the standard alphabet', (vector) => {
    const standard = toStandardPadded(vector.ciphertext);
    expect(decryptAes256(standard, vector)).toBe(vector.plaintext);
    expect(decryptAes256(standard.replaceAll('=', ''), vector)).toBe(vector.plaintext);
  });
});

describe('aes256 keys', () => {
  const text = encryptAes256('bill_amt=1.00', keys);

  it('ignores the private key after its first 32 bytes', () => {
    const first32 = '0123456789abcdef0123456789abcdef';
    const longer = { ...keys, privateKey: `${first32}and more` };
    expect(encryptAes256('x', longer)).toBe(encryptAes256('x', { ...keys, privateKey: first32 }));
  });

  it('uses the public key byte for byte', () => {
    expect(encryptAes256('bill_amt=1.00', { ...keys, publicKey: 'pk+/AAAA' })).not.toBe(text);
  });

  it('gives the same result for another object with the same keys', () => {
    expect(encryptAes256('bill_amt=1.00', { ...keys })).toBe(text);
  });
});

describe('aes256 round trip', () => {
  it('returns any text unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const ciphertext = encryptAes256(text, keys);
        expect(ciphertext).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decryptAes256(ciphertext, keys)).toBe(text);
      }),
    );
  });

  it('preserves a leading byte order mark', () => {
    expect(decryptAes256(encryptAes256('\uFEFFa', keys), keys)).toBe('\uFEFFa');
  });
});

describe('aes256 against damage', () => {
  const original = 'transID=100203250509173720&order_status=1&bill_amt=130.0&bill_currency=EUR';
  const ciphertext = encryptAes256(original, keys);

  it.each([
    ['nothing at all', ''],
    ['a space', `${ciphertext} `],
    ['a line break inside', `${ciphertext.slice(0, 64)}\n${ciphertext.slice(64)}`],
    ['a character of no alphabet', `!${ciphertext.slice(1)}`],
    ['padding in the middle', `${ciphertext.slice(0, 10)}=${ciphertext.slice(11)}`],
    ['too much padding', `${toStandardPadded(ciphertext)}=`],
    ['an impossible base64 length', ciphertext.slice(0, 5)],
    ['half a block', Buffer.alloc(8).toString('base64url')],
    ['a block and a half', Buffer.alloc(24).toString('base64url')],
  ])('refuses %s', (_what, damaged) => {
    expect(() => decryptAes256(damaged, keys)).toThrow(GatewayCodecError);
  });

  it('rejects the text at every shorter length', () => {
    for (let length = 0; length < ciphertext.length; length += 1) {
      expect(() => decryptAes256(ciphertext.slice(0, length), keys)).toThrow(GatewayCodecError);
    }
  });

  it('with any byte flipped neither returns the original nor throws another error', () => {
    const bytes = Buffer.from(ciphertext, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(bytes.readUInt8(index) ^ 0xff, index);
      expect(decryptOrRefuse(flipped.toString('base64url'))).not.toBe(original);
    }
  });

  it('never throws another error for any text', () => {
    fc.assert(fc.property(fc.string(), (text) => void decryptOrRefuse(text)));
  });

  it('rejects plaintext that is not UTF-8', () => {
    // Flipping the first block garbles it and the same byte of the second; the result is not UTF-8.
    const bytes = Buffer.from(ciphertext, 'base64url');
    bytes.fill(0xff, 0, 16);
    expect(() => decryptAes256(bytes.toString('base64url'), keys)).toThrow(GatewayCodecError);
  });

  it('gives the same error whatever the cause', () => {
    const causes = ['', '!', ciphertext.slice(0, -22), Buffer.alloc(16).toString('base64url')];
    const errors = causes.map(decryptOrRefuse);
    expect(new Set(errors.map(String)).size).toBe(1);
    expect(errors.every((error) => error instanceof GatewayCodecError && !error.cause)).toBe(true);
  });
});
