// Finds card data in clear in a JWS before its signature is verified: that takes Postgres, and
// until it is available the data would stay in Redis.
import { readJson } from '@quittance/server';
import { strayCardFaults } from '../intake/stray-card.js';

/**
 * True when the payload of a JWS contains card data in clear, or cannot be read at all. Such a job
 * is always refused.
 */
export function readsClearCard(jws: unknown): boolean {
  if (typeof jws !== 'string') return true;
  const [header = '', payload = ''] = jws.split('.', 2);
  try {
    const body = readJson(Buffer.from(payload, 'base64url'));
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return true;
    if ('card' in body && body.card !== null) return true;
    return [body, { header: readJson(Buffer.from(header, 'base64url')) }].some(
      (part) => strayCardFaults(part).length > 0,
    );
  } catch {
    return true;
  }
}
