// Agreement on a secret by X25519 (RFC 7748 §6.1), and the content keys derived from it (RFC 7518
// §4.6). A secret that lives longer than a message is a buffer, which can be erased: a string stays
// until its memory is used again.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import { generateOkp } from './generate-okp.js';

/**
 * The only form of JWE that is written and read: direct key agreement on X25519 (RFC 8037),
 * AES-256-GCM.
 */
export const ALG = 'ECDH-ES';
export const ENC = 'A256GCM';

const KEY_BYTES = 32;
/** The DER of an X25519 private key without its 32 bytes (RFC 8410 §7). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

const CEK_BITS = 256;

/** A secret that two parties share until this side ends it. */
export class Agreement {
  readonly #secret: Buffer;

  /** Throws if the public key agrees on zero with every private key (RFC 7748 §6.1). */
  constructor(privateKey: KeyObject, publicKey: KeyObject) {
    this.#secret = diffieHellman({ privateKey, publicKey });
  }

  /**
   * Derives the content key for a recipient's info (`apv`, decoded) by the Concat KDF of RFC 7518
   * §4.6.2. One round of SHA-256 gives the 256 bits. The caller erases the key.
   */
  contentKey(recipientInfo: Uint8Array): Buffer {
    const noSenderInfo = uint32(0);
    return createHash('sha256')
      .update(uint32(1))
      .update(this.#secret)
      .update(uint32(ENC.length))
      .update(ENC)
      .update(noSenderInfo)
      .update(uint32(recipientInfo.length))
      .update(recipientInfo)
      .update(uint32(CEK_BITS))
      .digest();
  }

  /** Erases the secret. */
  end(): void {
    this.#secret.fill(0);
  }
}

/** An agreement of a new key pair, whose private half is gone, with a recipient's key. */
export interface EphemeralAgreement {
  /** The public half: the `x` of an OKP JWK (RFC 8037 §2). */
  readonly x: string;
  readonly agreement: Agreement;
}

/** Agrees once with a key pair for one message. */
export function agreeForMessage(recipient: KeyObject): EphemeralAgreement {
  const { privateKey, jwk } = generateOkp('X25519');
  return { x: jwk.x, agreement: new Agreement(privateKey, recipient) };
}

/**
 * Agrees once with a key pair for many messages. Its private half is never a string, which costs
 * ten times as much.
 */
export function agreeForSession(recipient: KeyObject): EphemeralAgreement {
  const key = Buffer.concat([PRIVATE_PREFIX, Buffer.alloc(KEY_BYTES)]);
  randomFillSync(key, PRIVATE_PREFIX.length);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  key.fill(0);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { x, agreement: new Agreement(privateKey, recipient) };
}

/** Returns the agreement with the sender of a message. Throws for an invalid `x`. */
export function agreementWith(privateKey: KeyObject, x: string): Agreement {
  const key = { kty: 'OKP', crv: 'X25519', x };
  return new Agreement(privateKey, createPublicKey({ key, format: 'jwk' }));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
