// Pins the public keys of gateways, in addition to verifying their certificates: a certificate that
// an authority issued to an attacker then does not suffice to impersonate the gateway. A pin is the
// SHA-256 of the certificate's SubjectPublicKeyInfo (RFC 7469 §2.4), so a renewed certificate with
// the same key still matches. Pins belong to hosts and not to terminals: the key is the server's,
// and all terminals of a host are reached over the same connections.
import { createHash, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';

const HOST = /^(?:[a-z0-9.-]+|[0-9a-f:.]+)$/;
/**
 * 32 bytes in base64; the last two bits of the last character are padding and zero (RFC 4648 §3.5).
 */
const DIGEST = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** The pins of all gateways. A host without pins is not pinned. */
export class CertificatePins {
  readonly #byHost = new Map<string, Set<string>>();

  /**
   * `pins`: `<host>=<SHA-256 in base64>`, several for a host while its key changes. Throws
   * RangeError with the {@link pinFaults}.
   */
  constructor(pins: readonly string[] = []) {
    const faults = pinFaults(pins);
    if (faults.length > 0) throw new RangeError(faults.join('; '));
    for (const [host, digest] of pins.map(splitPin)) {
      this.#byHost.set(host, (this.#byHost.get(host) ?? new Set()).add(digest));
    }
  }

  /**
   * Returns an error with the code `GATEWAY_PIN_MISMATCH` when `host` is pinned and its own
   * certificate, not that of an authority, has another key.
   */
  check(host: string, certificate: PeerCertificate): Error | undefined {
    const pinned = this.#byHost.get(host.toLowerCase());
    if (!pinned || pinned.has(pinOf(certificate.raw))) return undefined;
    const error = new Error('The gateway presents a public key that is not pinned.');
    return Object.assign(error, { code: 'GATEWAY_PIN_MISMATCH' });
  }
}

/**
 * Returns a description of each malformed pin, with the pin in it. A pin has the form
 * `<host>=<SHA-256 in base64>`.
 */
export function pinFaults(pins: readonly string[]): readonly string[] {
  return pins.flatMap((pin, at) => {
    const fault = pinFault(pin) ?? (pins.indexOf(pin) < at ? 'is repeated' : undefined);
    return fault === undefined ? [] : [`"${pin}" ${fault}`];
  });
}

function pinFault(pin: string): string | undefined {
  const [host, digest] = splitPin(pin);
  if (host === '' || DIGEST.test(pin)) return 'names no host';
  if (!HOST.test(host)) return 'names no host in lower case, without scheme and port';
  return DIGEST.test(digest) ? undefined : 'has no SHA-256 in base64 after the host';
}

/** Splits host and digest. A host contains no `=`; a digest ends with one. */
function splitPin(pin: string): readonly [host: string, digest: string] {
  const at = pin.indexOf('=');
  return at < 0 ? [pin, ''] : [pin.slice(0, at), pin.slice(at + 1)];
}

/** Returns the pin of a certificate in DER or PEM. */
export function pinOf(certificate: Buffer | string): string {
  const { publicKey } = new X509Certificate(certificate);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
