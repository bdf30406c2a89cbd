// The public face of the gateway's wire protocol. Pure: no clock, no socket, no environment.
export { decryptAes256, encryptAes256, GatewayCodecError, type Aes256Keys } from './aes256.js';
