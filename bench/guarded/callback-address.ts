// A payment's own callback address, `<payment id>.<token>`. The gateway signs nothing: knowing the
// address is what tells it from anybody else (protocol §6).
import { createHmac, timingSafeEqual } from 'node:crypto';

function tokenOf(id: string, key: string): Buffer {
  return createHmac('sha256', key).update(id).digest();
}

/** The last part of a payment's address. */
export function callbackAddress(id: string, key: string): string {
  return `${id}.${tokenOf(id, key).toString('base64url')}`;
}

/** The payment whose address it is; `undefined` when the token is not that payment's. */
export function paymentOfAddress(address: string, key: string): string | undefined {
  const [id = '', token, ...more] = address.split('.');
  const given = Buffer.from(token ?? '', 'base64url');
  const right = tokenOf(id, key);
  if (more.length > 0 || given.length !== right.length) return undefined;
  return timingSafeEqual(given, right) ? id : undefined;
}
