// A person's key as a text: recognisable by its prefix (for secret scanners), and random enough
// that a plain SHA-256 of it can be stored.
import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const FORM = /^qo_[A-Za-z0-9_-]{43}$/;

/** A new key: `qo_` and 256 random bits as base64url. Shown once. */
export function newOperatorKey(): string {
  return `qo_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** What is stored of a key: 32 bytes. */
export function digestOfOperatorKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whether a text can be a key at all; the rest is never looked up. */
export function isOperatorKeyForm(text: string): boolean {
  return FORM.test(text);
}
