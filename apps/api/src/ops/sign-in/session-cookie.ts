// The cookie of a session at the operations page. Scripts cannot read it, and no other site's
// request carries it.
import { createHash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The prefix binds the cookie to this host and to https, where the page has https. */
const nameOf = (isSecure: boolean) => (isSecure ? '__Host-quittance-ops' : 'quittance-ops');

/** Returns a new token: 256 random bits in base64url. */
export function newSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** Returns the digest that is stored instead of the token: 32 bytes. */
export function digestOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Returns `Set-Cookie` for a session that ends after `maxAgeSeconds`; 0 deletes the cookie. */
export function sessionCookie(token: string, maxAgeSeconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : '';
  return `${nameOf(isSecure)}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

/** Returns the session's token from the header `Cookie`; undefined when it has none. */
export function tokenIn(cookies: string | undefined, isSecure: boolean): string | undefined {
  const start = `${nameOf(isSecure)}=`;
  const pairs = (cookies ?? '').split(';').map((pair) => pair.trim());
  const token = pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}
