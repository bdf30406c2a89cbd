// Talking to the gateway over HTTP, and what its answers mean for a payment.
export { CertificatePins, pinFaults } from './connection/certificate-pins.js';
export { isPublicAddress } from './connection/public-address.js';
export type { Exchange, ExchangeRequest } from './exchange.js';
export { exchange } from './exchange.js';
export { type GatewayAccount, GatewayClient, type GatewayClientOptions } from './gateway-client.js';
export { interpretProbe, interpretStatus } from './interpret-inquiry.js';
export { interpretRefundReply } from './interpret-refund-reply.js';
export { interpretReply, type OwnTerminal, reportOf } from './interpret-reply.js';
