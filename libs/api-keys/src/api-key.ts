// An API key as a text: recognisable by its prefix (for secret scanners), and random enough that a
// plain SHA-256 of it can be stored.
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FORM = /^qk_[A-Za-z0-9_-]{43}$/;

/** A new key: `qk_` and 256 random bits as base64url. Shown once, to whoever asked for it. */
export function newApiKey(): string {
  return `qk_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** What is stored of a key. */
export function digestOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whether a text can be a key at all; the rest is never looked up. */
export function isApiKeyForm(text: string): boolean {
  return FORM.test(text);
}
