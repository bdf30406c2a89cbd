// Builds the payer's final redirect: the merchant's return_url with the result in its query
// (protocol §6.5).
import type { StatusMap } from './transaction-view.js';
import { redirectReply, type GatewayReply } from '../wire/gateway-reply.js';

/**
 * Returns a 307 to the return_url, so a browser that posted the OTP form posts there too. Returns
 * undefined without a return_url; the endpoint then answers with JSON.
 */
export function returnRedirect(
  returnUrl: string | undefined,
  map: Readonly<StatusMap>,
): GatewayReply | undefined {
  if (returnUrl === undefined || returnUrl === '') return undefined;
  const url = /^https?:\/\//i.test(returnUrl) ? returnUrl : `https://${returnUrl}`;
  // Joined as the server does it: `?a=b` becomes `?a=b&&transID=…`, and a fragment is ignored.
  const joint = url.includes('?') ? '&&' : '?';
  return redirectReply(asciiOnly(url) + joint + resultQuery(map));
}

/** Returns every field that is neither null nor empty, form-encoded. */
function resultQuery(map: Readonly<StatusMap>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(map)) {
    if (value !== null && value !== '') query.set(name, value);
  }
  return query.toString();
}

/**
 * Escapes all characters that a header cannot contain. A header allows only printable ASCII;
 * existing escapes stay unchanged.
 */
function asciiOnly(url: string): string {
  return url.replaceAll(/[^!-~]+/g, (letters) =>
    [...Buffer.from(letters, 'utf8')]
      .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join(''),
  );
}
