// X.509 certificates for tests, encoded as DER by hand (RFC 5280 §4.1), because Node reads and
// verifies certificates but cannot create them.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate with its private key, both as PEM. */
export interface CertificateWithKey {
  readonly cert: string;
  readonly key: string;
}

interface Signer {
  readonly name: string;
  readonly privateKey: KeyObject;
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]; /* at most 64 KiB */
  return Buffer.concat([Buffer.from(head), content]);
};
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Uint8Array) => der(0x03, Buffer.from([0]), content);
const utcTime = (time: Date) =>
  der(
    0x17,
    Buffer.from(
      time
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const extension = (id: string, value: Uint8Array) => sequence(oid(id), der(0x04, value));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

const DAY_MS = 86_400_000;

/** A certificate authority that signs any certificate. */
export class TestAuthority {
  readonly #signer: Signer;
  /** The authority's own certificate as PEM. */
  readonly cert: string;

  constructor(name = 'Test authority') {
    const { publicKey, privateKey } = ellipticKeys();
    this.#signer = { name, privateKey };
    const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
    this.cert = certificate({
      subject: name,
      publicKey,
      signer: this.#signer,
      expiresAt: new Date(Date.now() + DAY_MS),
      extension: extension('551d13', isAuthority),
    });
  }

  /** Issues a certificate for a DNS name or an IPv4 address. */
  certify(host: string, { expiresAt = new Date(Date.now() + DAY_MS) } = {}): CertificateWithKey {
    const { publicKey, privateKey } = ellipticKeys();
    const isAddress = /^[\d.]+$/.test(host);
    // GeneralName: [2] dNSName, [7] iPAddress (RFC 5280 §4.2.1.6).
    const alternative = isAddress
      ? der(0x87, Buffer.from(host.split('.').map(Number)))
      : der(0x82, Buffer.from(host));
    const cert = certificate({
      subject: host,
      publicKey,
      signer: this.#signer,
      expiresAt,
      extension: extension('551d11', sequence(alternative)),
    });
    return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }
}

const ellipticKeys = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

function certificate(parts: {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signer: Signer;
  readonly expiresAt: Date;
  readonly extension: Uint8Array;
}): string {
  const { signer, expiresAt } = parts;
  const startsAt = new Date(Math.min(Date.now(), expiresAt.getTime()) - DAY_MS);
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.from([1]), randomBytes(8)), // serial number, positive
    ECDSA_WITH_SHA256,
    nameOf(signer.name),
    sequence(utcTime(startsAt), utcTime(expiresAt)),
    nameOf(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(parts.extension)),
  );
  const signature = sign('sha256', toSign, signer.privateKey);
  const encoded = sequence(toSign, ECDSA_WITH_SHA256, bits(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${encoded.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
