// Goal: what we write is the standard's JWE, not ours. Method: `jose` as the second opinion, in both directions.
import { CompactEncrypt, compactDecrypt } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { open, seal } from './jwe.js';
import { VaultError } from './vault-error.js';

const { publicKey, privateKey } = generateKeyPairSync('x25519');
const key = { kid: 'k1', publicKey, privateKey };
const binding = { typ: 'note', sub: 'owner' };

function sealedByJose(header: Record<string, string>): Promise<string> {
  return new CompactEncrypt(Buffer.from('hello'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k1', ...binding, ...header })
    .encrypt(publicKey);
}

describe('the JWE form', () => {
  it('is read by jose', async () => {
    const { plaintext, protectedHeader } = await compactDecrypt(
      seal('hello', key, binding),
      privateKey,
    );
    expect(Buffer.from(plaintext).toString()).toBe('hello');
    expect(protectedHeader).toMatchObject({
      alg: 'ECDH-ES',
      enc: 'A256GCM',
      kid: 'k1',
      ...binding,
    });
  });

  it('is read by us when jose writes it', async () => {
    expect(open(await sealedByJose({}), [key], binding).toString()).toBe('hello');
  });

  it.each([
    ['another content encryption', { enc: 'A128GCM' }],
    ['a key that is wrapped instead of agreed', { alg: 'ECDH-ES+A256KW' }],
    ['a header field we do not write', { cty: 'text' }],
    ['another purpose', { typ: 'letter' }],
    ['another owner', { sub: 'other' }],
    ['an unknown key', { kid: 'k2' }],
  ])('is refused with %s, although its tag is right', async (_, header) => {
    const jwe = await sealedByJose(header);
    expect(() => open(jwe, [key], binding)).toThrow(VaultError);
  });

  it('is refused with a shortened tag', () => {
    const [header, , iv, ciphertext, tag = ''] = seal('hello', key, binding).split('.');
    const short = Buffer.from(tag, 'base64url').subarray(0, 12).toString('base64url');
    expect(() => open(`${header}..${iv}.${ciphertext}.${short}`, [key], binding)).toThrow(
      VaultError,
    );
  });
});
