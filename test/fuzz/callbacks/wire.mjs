// The gateway's callbacks as bytes and back, written from the protocol (§2.1, §6.3, §6.4) and not with our codec: what is tried must not
// judge itself.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

function keysOf({ publicKey, privateKey }) {
  const key = Buffer.alloc(32);
  key.write(privateKey);
  return { key, iv: createHash('sha256').update(publicKey).digest().subarray(0, 16) };
}

/** The bytes of an encrypted payload. */
export function encrypt(text, terminal) {
  const { key, iv } = keysOf(terminal);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
}

function decrypted(data, terminal) {
  const { key, iv } = keysOf(terminal);
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return decipher.update(data, 'base64url', 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}

/** The encrypted envelope, private key and all, as the gateway sends it. */
export function envelope(bytes, { publicKey, privateKey }) {
  return JSON.stringify({
    private_key: privateKey,
    public_key: publicKey,
    data: bytes.toString('base64url'),
  });
}

/** Numbers as their text: an 18-digit transID would be rounded. */
function jsonFields(text) {
  const quoted = text.replaceAll(/([[:,]\s*)(-?\d[\d.eE+-]*)(?=\s*[,}\]])/g, '$1"$2"');
  for (const candidate of [quoted, text]) {
    try {
      const value = JSON.parse(candidate);
      if (typeof value === 'object' && value !== null) return value;
    } catch {
      // The other spelling, or neither.
    }
  }
  return undefined;
}

const formFields = (text) => Object.fromEntries(new URLSearchParams(text));
const fieldsIn = (text) => jsonFields(text) ?? formFields(text);

/**
 * Whatever fields a body may be taken to have, read generously: a body that is none of this here can be none anywhere.
 * @returns {{ isEncrypted: boolean, fields: Record<string, unknown> }}
 */
export function readGenerously(body, terminal) {
  const outer = fieldsIn(body.toString());
  if (outer.transID !== undefined || typeof outer.data !== 'string')
    return { isEncrypted: false, fields: outer };
  const payload = decrypted(outer.data, terminal);
  return { isEncrypted: true, fields: payload === undefined ? {} : fieldsIn(payload) };
}
