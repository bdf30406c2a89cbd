// Where the payer goes when all is done: the merchant's return_url with the result in its query
// (protocol §6.5).
import type { StatusMap } from './transaction-view.js';
import { redirectReply, type GatewayReply } from '../wire/gateway-reply.js';

/**
 * 307 to the return_url, so a browser that posted the OTP form posts there too.
 * @returns undefined when there is no return_url: the endpoint then answers with JSON.
 */
export function returnRedirect(
  returnUrl: string | undefined,
  map: Readonly<StatusMap>,
): GatewayReply | undefined {
  if (returnUrl === undefined || returnUrl === '') return undefined;
  const url = /^https?:\/\//i.test(returnUrl) ? returnUrl : `https://${returnUrl}`;
  // Joined as the server does it: `?a=b` becomes `?a=b&&transID=…`, and a fragment is not cared
  // for.
  const joint = url.includes('?') ? '&&' : '?';
  return redirectReply(asciiOnly(url) + joint + resultQuery(map));
}

/** Every field that is neither null nor empty, form-encoded. */
function resultQuery(map: Readonly<StatusMap>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(map)) {
    if (value !== null && value !== '') query.set(name, value);
  }
  return query.toString();
}

/** A header holds nothing beyond printable ASCII; what is escaped already stays as it is. */
function asciiOnly(url: string): string {
  return url.replaceAll(/[^!-~]+/g, (letters) =>
    [...Buffer.from(letters, 'utf8')]
      .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join(''),
  );
}
