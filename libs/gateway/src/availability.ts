// Reads from an exchange whether the gateway is available, for the circuit breaker. A reply shows
// that it is, whatever it says: a gateway that declines is not down.
import type { Exchange } from './exchange.js';

/** `unknown`: the exchange says nothing about the gateway. */
export type Availability = 'available' | 'unavailable' | 'unknown';

/** This process refused to send. An operator or the next job decides, not the gateway. */
const OWN_REFUSALS: ReadonlySet<string> = new Set([
  'gateway_address_refused',
  'gateway_not_https',
  'gateway_pin_mismatch',
  'start_refused',
]);

/** Bytes arrived, so that something replied, but not a reply that may be used. */
const UNUSABLE_REPLIES: ReadonlySet<string> = new Set([
  'reply_before_request',
  'reply_cut_off',
  'reply_not_decodable',
  'reply_too_large',
  'several_replies',
]);

/** Node's HTTP parser names its errors so. */
const MALFORMED_REPLY = 'hpe_';

/** Returns what an exchange shows about the gateway. Its reason decides if there was no reply. */
export function availabilityOf(exchange: Exchange): Availability {
  if (exchange.kind === 'replied') return 'available';
  const { reason } = exchange;
  const isUnknown =
    OWN_REFUSALS.has(reason) || UNUSABLE_REPLIES.has(reason) || reason.startsWith(MALFORMED_REPLY);
  return isUnknown ? 'unknown' : 'unavailable';
}
