// Goal: only an exchange in which the gateway did not respond counts against it. Method: a table of
// the reasons that exchanges end for.
import { availabilityOf } from './availability.js';
import type { Exchange } from './exchange.js';

const replied = (httpStatus: number): Exchange => ({ kind: 'replied', httpStatus, body: '' });
const notSent = (reason: string): Exchange => ({ kind: 'notSent', reason });
const noReply = (reason: string): Exchange => ({ kind: 'noReply', reason });

it.each([200, 400, 403, 404, 500, 502])(
  'a reply with HTTP %d shows an available gateway',
  (status) => expect(availabilityOf(replied(status))).toBe('available'),
);

it.each([
  'econnrefused',
  'enotfound',
  'eai_again',
  'ehostunreach',
  'connect_timeout',
  'connection_closed',
  'timeout',
  'cert_has_expired',
  'gateway_spoke_first',
])('a request that did not leave because of %s shows an unavailable one', (reason) =>
  expect(availabilityOf(notSent(reason))).toBe('unavailable'),
);

it.each(['timeout', 'connection_closed', 'econnreset', 'epipe'])(
  'a request without a reply because of %s shows an unavailable one',
  (reason) => expect(availabilityOf(noReply(reason))).toBe('unavailable'),
);

it.each([
  notSent('gateway_address_refused'),
  notSent('gateway_not_https'),
  notSent('gateway_pin_mismatch'),
  notSent('start_refused'),
])('a refusal of this process shows nothing: %j', (exchange) =>
  expect(availabilityOf(exchange)).toBe('unknown'),
);

it.each([
  noReply('reply_before_request'),
  noReply('reply_cut_off'),
  noReply('reply_not_decodable'),
  noReply('reply_too_large'),
  noReply('several_replies'),
  noReply('hpe_invalid_constant'),
])('a reply that cannot be used shows nothing: %j', (exchange) =>
  expect(availabilityOf(exchange)).toBe('unknown'),
);
