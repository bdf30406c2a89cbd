// Asking whether the gateway knows a reference, where it has no look-up by reference (protocol
// §11).
import type { WireTerminal } from './create-request.js';
import { jsonRequest, UNIQUE_REFERENCE, type WireRequest } from './wire-request.js';

/**
 * Writes the existence probe: a create call that cannot create, for lack of an amount (protocol
 * §1.3, §11). Where `unique_reference` is honoured, error 5012 says that the reference exists and
 * 1111 that it does not. Where it is not honoured the answer is always 1111, so only a deployment
 * known to honour it may be asked.
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
