// Which public keys a gateway may show, beside having a certificate that verifies: an authority that signs for somebody else is
// then not enough to stand in for the gateway. A pin is the SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469 §2.4), so
// that a renewed certificate with the same key still fits.
import { createHash, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';

const PIN = /^([a-z0-9.-]+|[0-9a-f:.]+)=([A-Za-z0-9+/]{43}=)$/;

/** The pins of all gateways. A host without any is not pinned. */
export class CertificatePins {
  readonly #byHost = new Map<string, Set<string>>();

  /** `pins`: `<host>=<SHA-256 in base64>`, several for a host while its key changes. Throws a RangeError that names a wrong one. */
  constructor(pins: readonly string[] = []) {
    for (const pin of pins) {
      const [, host = '', digest] = PIN.exec(pin) ?? [];
      if (digest === undefined) throw new RangeError(`"${pin}" is no <host>=<SHA-256 in base64>`);
      this.#byHost.set(host, (this.#byHost.get(host) ?? new Set()).add(digest));
    }
  }

  /** An error with the code `GATEWAY_PIN_MISMATCH` when `host` is pinned and shows another key; only the host's own counts. */
  check(host: string, certificate: PeerCertificate): Error | undefined {
    const pinned = this.#byHost.get(host.toLowerCase());
    if (!pinned || pinned.has(pinOf(certificate.raw))) return undefined;
    const error = new Error('The gateway shows a public key that is not pinned.');
    return Object.assign(error, { code: 'GATEWAY_PIN_MISMATCH' });
  }
}

/** Whether `text` is one pin. */
export function isCertificatePin(text: string): boolean {
  return PIN.test(text);
}

/** The pin of a certificate, given as DER or PEM. */
export function pinOf(certificate: Buffer | string): string {
  const { publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
