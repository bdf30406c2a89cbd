// Generates API keys and computes the digests that are stored. A prefix lets secret scanners
// recognize a key, and 256 random bits make a plain SHA-256 digest sufficient.
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FORM = /^qk_[A-Za-z0-9_-]{43}$/;

/** Returns a new key: `qk_` and 256 random bits in base64url. The operator sees it once. */
export function newApiKey(): string {
  return `qk_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** Returns the digest that is stored instead of the key: 32 bytes. */
export function digestOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** True when the text has the form of a key. A text of any other form is not looked up. */
export function isApiKeyForm(text: string): boolean {
  return FORM.test(text);
}
