// Goal: only a JWE for this purpose and owner decrypts, whatever else the standard would allow.
import { CompactEncrypt } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { open, seal } from './jwe.js';
import { openWith } from './open-jwe.js';
import { VaultError } from './vault-error.js';

const { publicKey, privateKey } = generateKeyPairSync('x25519');
const key = { kid: 'k1', publicKey, open: openWith(privateKey) };
const binding = { typ: 'note', sub: 'owner' };

function sealedElsewhere(header: Record<string, string>): Promise<string> {
  return new CompactEncrypt(Buffer.from('hello'))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k1', ...binding, ...header })
    .encrypt(publicKey);
}

describe('the JWE form', () => {
  it('decrypts what seal encrypted', async () => {
    expect((await open(await seal('hello', key, binding), [key], binding)).toString()).toBe(
      'hello',
    );
    expect((await open(await sealedElsewhere({}), [key], binding)).toString()).toBe('hello');
  });

  it.each([
    ['another content encryption', { enc: 'A128GCM' }],
    ['a key that is wrapped instead of agreed', { alg: 'ECDH-ES+A256KW' }],
    ['another purpose', { typ: 'letter' }],
    ['another owner', { sub: 'other' }],
    ['an unknown key', { kid: 'k2' }],
  ])('is rejected with %s, although its tag is valid', async (_, header) => {
    const jwe = await sealedElsewhere(header);
    await expect(open(jwe, [key], binding)).rejects.toThrow(VaultError);
  });

  it('is rejected with a shortened tag', async () => {
    const [header, , iv, ciphertext, tag = ''] = (await seal('hello', key, binding)).split('.');
    const short = Buffer.from(tag, 'base64url').subarray(0, 12).toString('base64url');
    await expect(open(`${header}..${iv}.${ciphertext}.${short}`, [key], binding)).rejects.toThrow(
      VaultError,
    );
  });
});
