// Goal: the encrypted create call follows protocol §2.
import { encryptAes256 } from '@quittance/gateway-protocol';
import { type GenerationName } from '../generation/generation.js';
import {
  keys,
  RunningSandbox,
  siblingKeys,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

async function rows(reference = 'ORD-1001'): Promise<string[]> {
  return (await sandbox.ledger(reference)).data.map((row) => row.order_status);
}

// §2.4 and §2.2, in the generations with encryption.
describe.each<GenerationName>(['doc', 'b'])(
  'an encrypted create call in generation %s',
  (generation) => {
    beforeEach(() => sandbox.reset(generation));

    it('equals a plain one, on either path and as JSON too', async () => {
      expect((await sandbox.createEncrypted()).json['order_status']).toBe('25');
      const inner = new URLSearchParams({ bill_amt: '5', reference: 'ORD-2' }).toString();
      const encrypted_data = encryptAes256(inner, keys) + keys.publicKey;
      expect((await sandbox.sendJson('/api/s2s', { encrypted_data })).json['bill_amt']).toBe('5.0');
      expect(await rows('ORD-2')).toEqual(['0']);
    });

    it('lets inner parameters override outer ones, and the suffix override the public key', async () => {
      const { json } = await sandbox.createEncrypted(
        { bill_amt: '5' },
        { bill_amt: '7', public_key: 'x' },
      );
      expect(json['bill_amt']).toBe('5.0');
    });

    const ciphertext = encryptAes256('bill_amt=1&reference=ORD-1001', keys);
    it.each<[string, string, number, Fields]>([
      [
        'a suffix that no terminal has',
        `${ciphertext}${'x'.repeat(44)}`,
        404,
        { error: 'Terminal not found' },
      ],
      ['text that is not base64', `!!!!${keys.publicKey}`, 400, { error_number: '5001' }],
      [
        'a truncated ciphertext',
        `${ciphertext.slice(0, -4)}${keys.publicKey}`,
        400,
        { error_number: '5001' },
      ],
      [
        'another terminal’s data',
        `${ciphertext}${siblingKeys.publicKey}`,
        400,
        { error_number: '5001' },
      ],
      [
        'an invalid escape inside',
        encryptAes256('bill_amt=%zz', keys) + keys.publicKey,
        400,
        { error_number: '5001' },
      ],
      [
        'no amount inside',
        encryptAes256('reference=ORD-1001', keys) + keys.publicKey,
        400,
        { error_number: '1111' },
      ],
      [
        'an empty amount inside, which vanishes',
        encryptAes256('bill_amt=&a=1', keys) + keys.publicKey,
        400,
        { error_number: '1111' },
      ],
      ['nothing but a public key, which is ignored', keys.publicKey, 400, { error_number: '1111' }],
    ])('rejects %s', async (_case, encrypted_data, status, body) => {
      const answer = await sandbox.sendForm('/api/s2s/encrypt', { encrypted_data });
      expect(answer.status).toBe(status);
      expect(answer.json).toMatchObject(body);
      if (body['error_number'] === '5001')
        expect(answer.json['error_message']).toMatch(/^Error decrypting payload: ./);
      expect(await rows()).toEqual([]);
    });

    it('is not decrypted for a terminal without a private key', async () => {
      const publicKey = 'A'.repeat(43) + '=';
      await sandbox.script('POST', '/sandbox/terminals', {
        number: 3,
        public_key: publicKey,
        merchant: 'demo',
      });
      const answer = await sandbox.sendForm('/api/s2s/encrypt', {
        encrypted_data: ciphertext + publicKey,
      });
      expect(answer.json['error_number']).toBe('1111');
    });

    it('hides the id inside authurl only with encryption_method=aes256', async () => {
      const plain = await sandbox.createEncrypted({ encryption_method: 'none' });
      expect(plain.json['authurl']).toBe(
        `${sandbox.url}/api/authurl/${String(plain.json['transID'])}`,
      );
      const hidden = await sandbox.createEncrypted({ encryption_method: 'aes256' });
      const token = String(hidden.json['authurl']).split('/').at(-1) ?? '';
      expect(token).toMatch(generation === 'doc' ? /^[\w-]{43}=$/ : /^[\w-]{43}$/);
    });
  },
);

describe('a public key of another length', () => {
  it('is found when the sandbox is configured for it', async () => {
    const other = await RunningSandbox.start({ publicKeyLength: 43 });
    const publicKey = 'b'.repeat(43);
    const terminal = {
      number: 1,
      public_key: publicKey,
      private_key: keys.privateKey,
      merchant: 'demo',
    };
    await other.script('POST', '/sandbox/terminals', terminal);
    const encrypted_data =
      encryptAes256('bill_amt=1', { publicKey, privateKey: keys.privateKey }) + publicKey;
    const { json } = await other.sendForm('/api/s2s/encrypt', { encrypted_data });
    await other.stop();
    expect(json['order_status']).toBe('0');
  });
});
