// Goal: a session saves the key agreement and nothing else. Each message is still a JWE that other
// implementations decrypt, for one owner, under a key of its own.
import fc from 'fast-check';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { open, seal } from './jwe.js';
import { agreeForSession, agreementWith } from './key-agreement.js';
import { openWith } from './open-jwe.js';
import { SealingSession } from './sealing-session.js';
import { VaultError } from './vault-error.js';

const { publicKey, privateKey } = generateKeyPairSync('x25519');
const newKey = () => ({ kid: 'k1', publicKey, open: openWith(privateKey) });
const binding = { typ: 'quittance-note', sub: 'pi_1' };
const sessionOf = (jwe: string) => JSON.stringify(decodeProtectedHeader(jwe)['epk']);

describe('a message of a session', () => {
  it('decrypts with jose and with our own code, whatever it contains', async () => {
    const key = newKey();
    const session = new SealingSession();
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (text, sub) => {
        const jwe = await seal(text, key, { ...binding, sub }, { session });
        const byJose = await compactDecrypt(jwe, privateKey);
        expect(Buffer.from(byJose.plaintext).toString()).toBe(text);
        expect((await open(jwe, [key], { ...binding, sub })).toString()).toBe(text);
      }),
    );
  });

  it('may be written by another implementation', async () => {
    const jwe = await new CompactEncrypt(Buffer.from('hello'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k1', ...binding })
      .setKeyManagementParameters({ apv: Buffer.from('pi_1') })
      .encrypt(publicKey);
    expect((await open(jwe, [newKey()], binding)).toString()).toBe('hello');
  });

  it('is rejected if its key derives for another owner than the header names', async () => {
    const jwe = await new CompactEncrypt(Buffer.from('hello'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'k1', ...binding })
      .setKeyManagementParameters({ apv: Buffer.from('pi_2') })
      .encrypt(publicKey);
    await expect(open(jwe, [newKey()], binding)).rejects.toThrow(VaultError);
  });

  it.each([
    ['changed', (part: string) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)],
    ['shortened', (part: string) => part.slice(0, -1)],
    ['missing', () => ''],
  ])('is rejected with any part %s, also once its session is known', async (_, spoil) => {
    const key = newKey();
    const jwe = await seal('hello', key, binding, { session: new SealingSession() });
    await open(jwe, [key], binding);
    for (const index of [0, 2, 3, 4]) {
      const parts = jwe.split('.');
      const spoilt = parts.with(index, spoil(parts[index] ?? '')).join('.');
      await expect(open(spoilt, [key], binding)).rejects.toThrow(VaultError);
    }
  });

  it('shares its key with no other owner', () => {
    const { x, agreement } = agreeForSession(publicKey);
    const opened = agreementWith(privateKey, x);
    const info = ['pi_1', 'pi_2', ''].map((owner) => Buffer.from(owner));
    const keys = info.map((owner) => agreement.contentKey(owner).toString('hex'));
    expect(new Set(keys).size).toBe(3);
    expect(info.map((owner) => opened.contentKey(owner).toString('hex'))).toEqual(keys);
  });
});

describe('a session', () => {
  const key = newKey();
  const sealedBy = async (session: SealingSession, cards: number) =>
    Promise.all(Array.from({ length: cards }, () => seal('hello', key, binding, { session })));

  it('ends after a thousand cards', async () => {
    const sealed = await sealedBy(new SealingSession(), 2_001);
    const sessions = sealed.map(sessionOf);
    expect([0, 999, 1_000, 1_999, 2_000].map((at) => sessions.indexOf(sessions[at]!))).toEqual([
      0, 0, 1_000, 1_000, 2_000,
    ]);
  });

  it('ends when its holder says so, and its cards still decrypt', async () => {
    const session = new SealingSession();
    const [first = ''] = await sealedBy(session, 1);
    session.end();
    session.end();
    const [second = ''] = await sealedBy(session, 1);
    expect(sessionOf(second)).not.toBe(sessionOf(first));
    for (const jwe of [first, second])
      expect((await open(jwe, [key], binding)).toString()).toBe('hello');
  });

  it('ends with its key', async () => {
    const session = new SealingSession();
    const other = generateKeyPairSync('x25519');
    const next = { kid: 'k2', publicKey: other.publicKey, open: openWith(other.privateKey) };
    const [first = ''] = await sealedBy(session, 1);
    const jwe = await seal('hello', next, binding, { session });
    expect(sessionOf(jwe)).not.toBe(sessionOf(first));
    expect((await open(jwe, [key, next], binding)).toString()).toBe('hello');
  });

  it('erases its secret', () => {
    const ended = [agreeForSession(publicKey), agreeForSession(publicKey)].map(({ agreement }) => {
      const before = agreement.contentKey(Buffer.from('pi_1'));
      agreement.end();
      const after = agreement.contentKey(Buffer.from('pi_1'));
      expect(after).not.toEqual(before);
      return after;
    });
    expect(ended[0]).toEqual(ended[1]);
  });

  it('may be forgotten by the process that decrypts', async () => {
    const session = new SealingSession();
    const sealed: string[] = [];
    for (let sessions = 0; sessions < 1_002; sessions += 1) {
      sealed.push(...(await sealedBy(session, 1)));
      session.end();
    }
    for (const jwe of [...sealed, ...sealed.slice(0, 2)])
      expect((await open(jwe, [key], binding)).toString()).toBe('hello');
  });
});
