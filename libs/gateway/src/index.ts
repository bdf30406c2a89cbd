// The gateway's HTTP client, and the interpretation of its replies for payments and refunds.
export { type Availability, availabilityOf } from './availability.js';
export { CertificatePins, pinFaults } from './connection/certificate-pins.js';
export { GuardedConnector } from './connection/guarded-connector.js';
export { type Exchange, exchange, type ExchangeRequest } from './exchange.js';
export { type GatewayAccount, GatewayClient, type GatewayClientOptions } from './gateway-client.js';
export { stateOfCode } from './order-status.js';
export {
  interpretProbe,
  interpretRefundReply,
  interpretReply,
  interpretStatus,
  type OwnTerminal,
  reportOf,
} from './interpret-reply.js';
