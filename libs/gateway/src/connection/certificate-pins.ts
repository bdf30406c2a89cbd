// Which public keys a gateway may show, beside having a certificate that verifies: an authority
// that signs for somebody else is then not enough to stand in for the gateway. A pin is the SHA-256
// of the certificate's SubjectPublicKeyInfo (RFC 7469 §2.4), so that a renewed certificate with the
// same key still fits. Pins are of hosts and not of terminals: the key belongs to the server, and
// all terminals at one host are reached over the same connections.
import { createHash, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';

const HOST = /^(?:[a-z0-9.-]+|[0-9a-f:.]+)$/;
/**
 * 32 bytes in base64; the last two bits of the last character belong to no byte and are zero (RFC
 * 4648 §3.5).
 */
const DIGEST = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** The pins of all gateways. A host without any is not pinned. */
export class CertificatePins {
  readonly #byHost = new Map<string, Set<string>>();

  /**
   * `pins`: `<host>=<SHA-256 in base64>`, several for a host while its key changes. Throws a
   * RangeError with {@link pinFaults}.
   */
  constructor(pins: readonly string[] = []) {
    const faults = pinFaults(pins);
    if (faults.length > 0) throw new RangeError(faults.join('; '));
    for (const [host, digest] of pins.map(parted)) {
      this.#byHost.set(host, (this.#byHost.get(host) ?? new Set()).add(digest));
    }
  }

  /**
   * An error with the code `GATEWAY_PIN_MISMATCH` when `host` is pinned and shows another key; only
   * the host's own counts.
   */
  check(host: string, certificate: PeerCertificate): Error | undefined {
    const pinned = this.#byHost.get(host.toLowerCase());
    if (!pinned || pinned.has(pinOf(certificate.raw))) return undefined;
    const error = new Error('The gateway shows a public key that is not pinned.');
    return Object.assign(error, { code: 'GATEWAY_PIN_MISMATCH' });
  }
}

/**
 * What is wrong with pins written as `<host>=<SHA-256 in base64>`: words for each wrong one, which
 * name it; none where all are right.
 */
export function pinFaults(pins: readonly string[]): readonly string[] {
  return pins.flatMap((pin, at) => {
    const fault = pinFault(pin) ?? (pins.indexOf(pin) < at ? 'is there twice' : undefined);
    return fault === undefined ? [] : [`"${pin}" ${fault}`];
  });
}

function pinFault(pin: string): string | undefined {
  const [host, digest] = parted(pin);
  if (host === '' || DIGEST.test(pin)) return 'names no host';
  if (!HOST.test(host)) return 'names no host in lower case, without scheme and port';
  return DIGEST.test(digest) ? undefined : 'has no SHA-256 in base64 after the host';
}

/** Host and digest; a host holds no `=`, a digest ends with one. */
function parted(pin: string): readonly [host: string, digest: string] {
  const at = pin.indexOf('=');
  return at < 0 ? [pin, ''] : [pin.slice(0, at), pin.slice(at + 1)];
}

/** The pin of a certificate, given as DER or PEM. */
export function pinOf(certificate: Buffer | string): string {
  const { publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
