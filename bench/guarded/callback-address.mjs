// A payment's own callback address, `<payment id>.<token>`. The gateway signs nothing: knowing the address is what tells it from
// anybody else (protocol §6).
import { createHmac, timingSafeEqual } from 'node:crypto';

function tokenOf(id, key) {
  return createHmac('sha256', key).update(id).digest();
}

/** The last part of the address. @param {string} id of a payment @param {string} key */
export function callbackAddress(id, key) {
  return `${id}.${tokenOf(id, key).toString('base64url')}`;
}

/**
 * Whose address it is; `undefined` when the token is not that payment's.
 * @param {string} address @param {string} key
 */
export function paymentOfAddress(address, key) {
  const [id, token, ...more] = address.split('.');
  const given = Buffer.from(token ?? '', 'base64url');
  const right = tokenOf(id, key);
  if (more.length > 0 || given.length !== right.length) return undefined;
  return timingSafeEqual(given, right) ? id : undefined;
}
