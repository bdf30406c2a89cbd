// Decrypts JWEs with a private key. All other code sees the private half only as a function that
// decrypts a message. Here the key is in memory, from a file or the environment; a key management
// service could replace it.
import { compactDecrypt } from 'jose';
import { createDecipheriv, type KeyObject } from 'node:crypto';
import { type Agreement, agreementWith, ALG, ENC } from './key-agreement.js';
import { isOurTyp, sealedHeader, x25519Of } from './sealed-header.js';

/**
 * Decrypts a compact JWE for one key. Rejects on failure. The caller has already checked the owner
 * and the type in the header, which the decryption authenticates.
 */
export type OpenJwe = (jwe: string) => Promise<Uint8Array>;

/**
 * Returns a function that decrypts with a private key in the memory of this process. The cards of a
 * session share an agreement; `jose` judges every other form, a caller's above all.
 */
export function openWith(privateKey: KeyObject): OpenJwe {
  const options = { keyManagementAlgorithms: [ALG], contentEncryptionAlgorithms: [ENC] };
  const sessions = new OpenedSessions(privateKey);
  return async (jwe) => {
    const header = sessionHeader(jwe);
    if (header) return sessions.open(jwe, header);
    return (await compactDecrypt(jwe, privateKey, options)).plaintext;
  };
}

/** The parts of a header that the key of a session's card derives from. */
interface SessionHeader {
  readonly x: string;
  readonly apv: string;
}

/** Exactly the parameters that a session writes: any other may mean something that `jose` knows. */
const PARAMETERS = ['alg', 'enc', 'kid', 'typ', 'sub', 'card_kid', 'apv', 'epk'];

/** Returns `undefined` for a message of any other form than that of a session. */
function sessionHeader(jwe: string): SessionHeader | undefined {
  const header = sealedHeader(jwe);
  const { alg, enc, typ, apv, epk } = header as Record<string, unknown>;
  const isOurs = alg === ALG && enc === ENC && isOurTyp(typ);
  if (!isOurs || typeof apv !== 'string') return undefined;
  if (!Object.keys(header).every((name) => PARAMETERS.includes(name))) return undefined;
  const x = x25519Of(epk);
  return x === undefined ? undefined : { x, apv };
}

/** Sessions of many apis overlap, and cards wait in queues; a secret is 32 bytes. */
const SESSIONS_MAX = 1_000;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The agreements with the last sessions, by their public keys. */
class OpenedSessions {
  readonly #privateKey: KeyObject;
  readonly #agreements = new Map<string, Agreement>();

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
  }

  /** Throws if the message was changed, or is not for this key. */
  open(jwe: string, { x, apv }: SessionHeader): Uint8Array {
    const agreement = this.#agreements.get(x) ?? agreementWith(this.#privateKey, x);
    const plaintext = decrypt(jwe, agreement.contentKey(Buffer.from(apv, 'base64url')));
    // Only a genuine message gets here, so an invented one displaces no agreement.
    this.#remember(x, agreement);
    return plaintext;
  }

  #remember(x: string, agreement: Agreement): void {
    this.#agreements.delete(x);
    this.#agreements.set(x, agreement);
    if (this.#agreements.size <= SESSIONS_MAX) return;
    const [oldest] = this.#agreements;
    if (!oldest) return;
    oldest[1].end();
    this.#agreements.delete(oldest[0]);
  }
}

/** Decrypts the content of a compact JWE and erases the key. */
function decrypt(jwe: string, key: Buffer): Uint8Array {
  const [protectedHeader = '', encryptedKey, ...parts] = jwe.split('.');
  const [iv, ciphertext, tag, ...more] = parts.map((part) => Buffer.from(part, 'base64url'));
  try {
    const isForm = encryptedKey === '' && more.length === 0 && iv?.length === IV_BYTES;
    if (!isForm || !ciphertext || tag?.length !== TAG_BYTES) throw new Error('not a compact JWE');
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(protectedHeader, 'ascii')).setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } finally {
    key.fill(0);
  }
}
