// Goal: an attacker who has seen a callback can cause no transition with it, and the responses
// decrypt nothing. Method: the real app; the attacker has more than he should, namely the payment's
// callback address and a ciphertext.
import { decryptAes256, encryptAes256 } from '@quittance/gateway-protocol';
import type { Payment } from '@quittance/payments';
import { envelope, fields, JSON_TYPE, KEYS } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const text = (payment: Payment, orderStatus: string, changes: object = {}) =>
  JSON.stringify(fields(payment, orderStatus, changes));
const send = (payment: Payment, body: string) => rig.post(rig.addressOf(payment), body, JSON_TYPE);
const ACCEPTED = { status: 200, body: '{"received":true}', retryAfter: null };
/** Resolves with the fields of a payment that leave the process. */
async function standing(payment: Payment) {
  const { status, version, transId, orderStatus, failure } = await rig.load(payment);
  return { status, version, transId, orderStatus, failure };
}
async function inBatches(bodies: readonly string[], work: (body: string) => Promise<unknown>) {
  for (let at = 0; at < bodies.length; at += 16)
    await Promise.all(bodies.slice(at, at + 16).map(work));
}

describe('a callback changes nothing', () => {
  it('when it is replayed any number of times', async () => {
    const payment = await rig.accept();
    const body = envelope(text(payment, '2'));
    const before = await standing(payment);
    await Promise.all(Array.from({ length: 20 }, () => send(payment, body)));
    expect(await standing(payment)).toEqual(before);
    expect(await rig.rows('SELECT 1 FROM callbacks')).toHaveLength(1);
  });

  it.each([
    ['pending', '0'],
    ['waiting for the payer', '27'],
    ['expired', '22'],
    ['cancelled', '23'],
  ])('when it is older than the final status: %s', async (_, orderStatus) => {
    const payment = await rig.accept({ status: 'succeeded' });
    const before = await standing(payment);
    expect(await send(payment, envelope(text(payment, orderStatus)))).toEqual(ACCEPTED);
    expect(await standing(payment)).toEqual(before);
  });

  it('when it belongs to another payment, at either address', async () => {
    const [mine, other] = [await rig.accept(), await rig.accept()];
    const before = [await standing(mine), await standing(other)];
    const body = envelope(text(other, '25'));
    expect(await send(mine, body)).toEqual(ACCEPTED);
    const [, token] = rig.addressOf(mine).split('.');
    expect(await rig.post(`${other.id}.${token}`, body)).toEqual(ACCEPTED);
    expect([await standing(mine), await standing(other)]).toEqual(before);
  });

  it('when it is truncated at any length', async () => {
    const payment = await rig.accept();
    const before = await standing(payment);
    const whole = envelope(text(payment, '25'));
    const data = encryptAes256(text(payment, '25'), KEYS);
    const cuts = [
      ...Array.from({ length: 60 }, (_, at) =>
        whole.slice(0, Math.floor((at * whole.length) / 60)),
      ),
      ...Array.from({ length: 60 }, (_, at) =>
        JSON.stringify({ data: data.slice(0, Math.floor((at * data.length) / 60)) }),
      ),
    ];
    await inBatches(cuts, async (body) => expect(await send(payment, body)).toEqual(ACCEPTED));
    expect(await standing(payment)).toEqual(before);
  });

  it('when a bit is flipped in any byte of its ciphertext', async () => {
    const payment = await rig.accept();
    const before = await standing(payment);
    const bytes = Buffer.from(encryptAes256(text(payment, '25'), KEYS), 'base64url');
    const bodies = Array.from(bytes, (byte, at) => {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(byte ^ (1 << (at % 8)), at);
      return JSON.stringify({ data: flipped.toString('base64url') });
    });
    await inBatches(bodies, async (body) => expect(await send(payment, body)).toEqual(ACCEPTED));
    expect(await standing(payment)).toEqual(before);
  });

  describe.each([
    ['plain', (body: string) => body],
    ['encrypted', envelope],
  ])('when it is forged, %s', (_, write) => {
    it.each(
      ['requiresAction', 'succeeded', 'declined', 'submitting'].flatMap((status) =>
        ['0', '1', '2', '5', '7', '8', '11', '22', '24', '25'].map((code) => ({ status, code })),
      ),
    )('with $code for a payment in status $status', async ({ status, code }) => {
      const payment = await rig.accept({
        status: status as Payment['status'],
        ...(status === 'submitting' && { transId: null }),
        ...(status === 'declined' && { failure: { code: 'declined', message: 'No' } }),
      });
      const before = await standing(payment);
      // Without the token the callback is not even stored; with it an inquiry is due, and only its
      // answer counts.
      await rig.post(`${payment.id}.${'A'.repeat(43)}`, write(text(payment, code)));
      expect(await rig.rows('SELECT 1 FROM callbacks')).toEqual([]);
      expect(await send(payment, write(text(payment, code)))).toEqual(ACCEPTED);
      expect(await standing(payment)).toEqual(before);
      expect(await rig.rows('SELECT sequence FROM payment_events')).toHaveLength(1);
    });
  });
});

const BLOCK = 16;
/**
 * Resolves with true for each ciphertext, a made-up block and the attacked one, that seems to the
 * attacker to have decrypted.
 */
type Oracle = (guesses: readonly Buffer[]) => Promise<readonly boolean[]>;

/**
 * Runs Vaudenay's attack (EUROCRYPT 2002). Resolves with the last `bytes` of the block before its
 * XOR, or with `undefined` when no guess stands out.
 */
async function decryptBlock(block: Buffer, bytes: number, oracle: Oracle) {
  const intermediate = Buffer.alloc(BLOCK);
  for (let padding = 1; padding <= bytes; padding += 1) {
    const at = BLOCK - padding;
    const guesses = Array.from({ length: 256 }, (_, value) => {
      const made = Buffer.alloc(BLOCK, 0xa5);
      for (let known = at + 1; known < BLOCK; known += 1)
        made[known] = (intermediate[known] ?? 0) ^ padding;
      made[at] = value;
      return Buffer.concat([made, block]);
    });
    const answers = await oracle(guesses);
    const found = answers.indexOf(true);
    // A true oracle accepts one or two guesses. All alike, or more than two, reveals nothing.
    if (found === -1 || answers.filter(Boolean).length > 2) return undefined;
    intermediate[at] = found ^ padding;
  }
  return intermediate.subarray(BLOCK - bytes);
}

describe('a padding-oracle attack', () => {
  const secret = 'transID=1001352504261416&order_status=25';
  const cipher = Buffer.from(encryptAes256(secret, KEYS), 'base64url');
  const block = cipher.subarray(BLOCK, 2 * BLOCK);
  const xored = (intermediate: Buffer) =>
    Buffer.from(
      intermediate.map((byte, at) => byte ^ (cipher[BLOCK - intermediate.length + at] ?? 0)),
    );

  it('works against code that reveals bad padding, so the attack is real', async () => {
    // Any code that lets Node's own error out reveals the padding, whatever it does with the
    // plaintext.
    const { createDecipheriv, createHash } = await import('node:crypto');
    const key = Buffer.alloc(32);
    key.write(KEYS.privateKey.slice(0, 32));
    const iv = createHash('sha256').update(KEYS.publicKey).digest().subarray(0, BLOCK);
    const leaky: Oracle = (guesses) =>
      Promise.resolve(
        guesses.map((guess) => {
          const decipher = createDecipheriv('aes-256-cbc', key, iv);
          decipher.update(guess);
          try {
            decipher.final();
            return true;
          } catch {
            return false;
          }
        }),
      );
    const found = await decryptBlock(block, BLOCK, leaky);
    expect(found && xored(found).toString()).toBe(secret.slice(BLOCK, 2 * BLOCK));
    expect(decryptAes256(cipher.toString('base64url'), KEYS)).toBe(secret);
  });

  it('decrypts nothing here, because every guess gets the same response', async () => {
    const payment = await rig.accept();
    const bad = JSON.stringify(await send(payment, JSON.stringify({ data: 'AAAA' })));
    let asked = 0;
    const oracle: Oracle = async (guesses) => {
      const answers: boolean[] = [];
      const bodies = guesses.map((guess) => JSON.stringify({ data: guess.toString('base64url') }));
      await inBatches(bodies, async (body) => {
        const answer = JSON.stringify(await send(payment, body));
        answers[bodies.indexOf(body)] = answer !== bad;
        asked += 1;
      });
      return answers;
    };
    expect(await decryptBlock(block, BLOCK, oracle)).toBeUndefined();
    expect(asked).toBe(256);
    expect(await rig.rows('SELECT DISTINCT verdict, reason FROM callbacks')).toEqual([
      { verdict: 'parked', reason: 'unreadable' },
    ]);
  });
});
