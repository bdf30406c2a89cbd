// JWE compact serialisation (RFC 7516) with ECDH-ES on X25519 (RFC 8037) and A256GCM: one fresh key pair per
// message, so that what one sealed message costs to break, the next one costs again. Written on node:crypto
// because `jose` goes through WebCrypto's thread pool five times per message and costs four times the CPU; the
// tests seal with one and open with the other, in both directions.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { SealingKey } from './key-set.js';
import { VaultError } from './vault-error.js';

const ALG = 'ECDH-ES';
const ENC = 'A256GCM';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a message is (`typ`) and whom it belongs to (`sub`): authenticated with it, and checked when it is opened. */
export interface Binding {
  readonly typ: string;
  readonly sub: string;
}

/** Seals bytes to the owner of a key. */
export function seal(plaintext: Uint8Array | string, key: SealingKey, binding: Binding): string {
  const ephemeral = generateKeyPairSync('x25519');
  const { x } = ephemeral.publicKey.export({ format: 'jwk' });
  const epk = { kty: 'OKP', crv: 'X25519', x };
  const header = encode(JSON.stringify({ alg: ALG, enc: ENC, kid: key.kid, ...binding, epk }));
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', agree(ephemeral.privateKey, key.publicKey), iv);
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return `${header}..${encode(iv)}.${encode(ciphertext)}.${encode(cipher.getAuthTag())}`;
}

/** Opens what {@link seal} made for this binding, with the key it names. Anything wrong is a {@link VaultError}. */
export function open(jwe: string, keys: readonly SealingKey[], binding: Binding): Buffer {
  try {
    return openOrThrow(jwe, keys, binding);
  } catch {
    throw new VaultError();
  }
}

function openOrThrow(jwe: string, keys: readonly SealingKey[], binding: Binding): Buffer {
  const [header = '', encryptedKey, iv = '', ciphertext = '', tag = '', ...rest] = jwe.split('.');
  if (encryptedKey !== '' || rest.length > 0) throw new VaultError();
  const { kid, epk } = readHeader(header, binding);
  const privateKey = keys.find((key) => key.kid === kid)?.privateKey;
  if (privateKey === undefined) throw new VaultError();
  const key = agree(privateKey, createPublicKey({ key: epk, format: 'jwk' }));
  const decipher = createDecipheriv('aes-256-gcm', key, decode(iv, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(header, 'ascii'));
  decipher.setAuthTag(decode(tag, TAG_BYTES));
  return Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]);
}

interface Header {
  readonly kid: string;
  readonly epk: { readonly kty: string; readonly crv: string; readonly x: string };
}

/** The parts of a header that are used, once everything in it is as {@link seal} writes it. */
function readHeader(encoded: string, binding: Binding): Header {
  const { alg, enc, typ, sub, kid, epk, ...rest } = JSON.parse(
    decode(encoded).toString(),
  ) as Record<string, unknown> & { readonly epk: Header['epk']; readonly kid: string };
  const isOurs = alg === ALG && enc === ENC && Object.keys(rest).length === 0;
  if (!isOurs || typ !== binding.typ || sub !== binding.sub) throw new VaultError();
  if (epk.kty !== 'OKP' || epk.crv !== 'X25519') throw new VaultError();
  return { kid, epk };
}

/** OtherInfo of the Concat KDF (RFC 7518 §4.6.2): algorithm id, empty apu and apv, key length in bits. */
const OTHER_INFO = Buffer.concat([
  uint32(ENC.length),
  Buffer.from(ENC),
  uint32(0),
  uint32(0),
  uint32(256),
]);
const FIRST_ROUND = uint32(1);

/** The content key both sides arrive at. One round of SHA-256 is exactly the 256 bits needed. */
function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  return createHash('sha256').update(FIRST_ROUND).update(shared).update(OTHER_INFO).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function encode(data: Buffer | string): string {
  return Buffer.from(data as string).toString('base64url');
}

/** Strict base64url: Node's own decoder skips what it does not know, so one message would have many spellings. */
function decode(text: string, length?: number): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  const isExact = bytes.toString('base64url') === text;
  if (!isExact || (length !== undefined && bytes.length !== length)) throw new VaultError();
  return bytes;
}
