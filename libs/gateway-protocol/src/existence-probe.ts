// Encodes a probe for a reference, for gateways without a look-up by reference (protocol §11).
import type { WireTerminal } from './create-request.js';
import { jsonRequest, UNIQUE_REFERENCE, type WireRequest } from './wire-request.js';

/**
 * Encodes the existence probe: a create call that cannot create, because it has no amount (protocol
 * §1.3, §11). Where `unique_reference` is honoured, error 5012 means that the reference exists and
 * 1111 that it does not. Elsewhere the reply is always 1111, so only a deployment known to honour
 * it may be probed.
 */
export function encodeProbe(
  reference: string,
  terminal: Pick<WireTerminal, 'publicKey'>,
): WireRequest<'/api/s2s'> {
  return jsonRequest('/api/s2s', {
    public_key: terminal.publicKey,
    reference,
    unique_reference: UNIQUE_REFERENCE,
  });
}
