// Goal: to show that an encrypted callback does not prove its author. Method: the test forges one
// without the terminal's private key. The forger knows the public key and can ask a server of the
// gateway if a text decrypts: it returns error 5001 if not and 1111 if so (protocol §2.4), with the
// key and the IV of the callbacks (§2.1).
import { createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { json, keys } from '../test/callback-sample.js';
import { decodeCallback } from './callback.js';

const BLOCK = 16;

/**
 * The gateway's reply to a create request that contains only `encrypted_data`: all that the forger
 * sees.
 */
function gatewayAnswer(ciphertext: Buffer): '5001' | '1111' {
  const key = Buffer.alloc(32);
  key.write(keys.privateKey.slice(0, 32));
  const iv = createHash('sha256').update(keys.publicKey).digest().subarray(0, BLOCK);
  const decipher = createDecipheriv('aes-256-cbc', key, iv);
  decipher.update(ciphertext);
  try {
    decipher.final();
    return '1111';
  } catch {
    return '5001';
  }
}

const decrypts = (before: Buffer, block: Buffer) =>
  gatewayAnswer(Buffer.concat([before, block])) === '1111';

/**
 * Returns the block cipher's output for a block, found through the oracle (Vaudenay, EUROCRYPT
 * 2002).
 */
function decryptByOracle(block: Buffer): Buffer {
  const opened = Buffer.alloc(BLOCK);
  for (let padding = 1; padding <= BLOCK; padding += 1) {
    const at = BLOCK - padding;
    const guess = randomBytes(BLOCK);
    for (let known = at + 1; known < BLOCK; known += 1)
      guess[known] = (opened[known] ?? 0) ^ padding;
    const isHit = (value: number) => {
      guess[at] = value;
      if (!decrypts(guess, block)) return false;
      if (at === 0) return true;
      // Longer padding by chance disappears when the byte before it changes.
      const other = Buffer.from(guess);
      other[at - 1] = (other[at - 1] ?? 0) ^ 0xff;
      return decrypts(other, block);
    };
    const hit = Array.from({ length: 256 }, (_, value) => value).find(isHit);
    if (hit === undefined) throw new Error('the oracle contradicts itself');
    opened[at] = hit ^ padding;
  }
  return opened;
}

const xor = (one: Buffer, other: Buffer) =>
  Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)));

function blocksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const fill = BLOCK - (bytes.length % BLOCK);
  const padded = Buffer.concat([bytes, Buffer.alloc(fill, fill)]);
  return Array.from({ length: padded.length / BLOCK }, (_, at) =>
    padded.subarray(at * BLOCK, (at + 1) * BLOCK),
  );
}

/**
 * Builds a ciphertext of `text`, after a block of noise, from its end to its start (Rizzo and
 * Duong, 2010).
 */
function forged(text: string): (filler: string) => Buffer {
  const ciphertext = [randomBytes(BLOCK)];
  for (const block of blocksOf(text).toReversed())
    ciphertext.unshift(xor(block, decryptByOracle(ciphertext[0] as Buffer)));
  // One more block without meaning, so that the noise can change without another query.
  const opened = decryptByOracle(ciphertext[0] as Buffer);
  return (filler) => Buffer.concat([xor(Buffer.from(filler), opened), ...ciphertext]);
}

it('can be forged without the private key, and decrypts like any other', () => {
  const said = {
    transID: '100135250426141606',
    order_status: '1',
    bill_amt: '11.11',
    bill_currency: 'EUR',
    reference: 'ORD-1001',
  };
  const write = forged(
    Object.entries(said)
      .map(([name, value]) => `&${name}=${value}`)
      .join(''),
  );
  // Most noise is not UTF-8, which costs another callback but no query.
  for (let attempt = 0; attempt < 1_000_000; attempt += 1) {
    const data = write(`&x=${String(attempt).padStart(13, '0')}`).toString('base64url');
    const callback = decodeCallback(json, JSON.stringify({ data }), keys);
    if (callback.kind !== 'callback') continue;
    expect(callback).toMatchObject({ encrypted: true, fields: said });
    return;
  }
  throw new Error('no noise was UTF-8');
});
