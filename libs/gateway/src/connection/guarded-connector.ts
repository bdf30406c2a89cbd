// How a connection to a gateway is opened: one resolution whose addresses are looked at and then used, TLS verified whatever the
// environment says, the key pinned where a pin is set. What is refused here was never sent: undici has no connection to write to.
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { buildConnector } from 'undici';
import type { CertificatePins } from './certificate-pins.js';

/** Resolves a name to all its addresses; as `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface ConnectorOptions {
  /** Longest wait for a connection, TLS included, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether an address may be connected to. */
  readonly mayConnectTo: (address: string) => boolean;
  readonly pins: CertificatePins;
  readonly resolve?: Resolve | undefined;
  /** Certificates of authorities to trust instead of the system's, as PEM. */
  readonly ca?: string | undefined;
}

/** A connector for undici's `connect` option. Its refusals have the codes `GATEWAY_ADDRESS_REFUSED` and `GATEWAY_PIN_MISMATCH`. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { timeoutMs, mayConnectTo, pins, resolve = lookup, ca } = options;
  const connect = buildConnector({
    timeout: timeoutMs,
    // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED=0 would change that.
    rejectUnauthorized: true,
    // Node does not look at the certificate of a resumed session.
    maxCachedSessions: 0,
    checkServerIdentity: (host, certificate) =>
      checkServerIdentity(host, certificate) ?? pins.check(host, certificate),
    ...(ca !== undefined && { ca }),
    // The socket connects to what this hands over and asks nobody again: a name that changes its mind (DNS rebinding) is too late.
    lookup: (hostname, { all, ...asked }, done) => {
      resolve(hostname, { ...asked, all: true }, (error, addresses) => {
        const [first] = addresses ?? [];
        if (error || !first) return done(error ?? noAddress(), '');
        if (!addresses.every(({ address }) => mayConnectTo(address))) return done(refused(), '');
        return all === true ? done(null, addresses) : done(null, first.address, first.family);
      });
    },
  });
  return (target, done) => {
    // For an address no resolver is asked. Not in this turn: undici is in the middle of starting the connection.
    const isRefused = isIP(target.hostname) !== 0 && !mayConnectTo(target.hostname);
    if (isRefused) process.nextTick(() => done(refused(), null));
    else connect(target, done);
  };
}

function refused(): NodeJS.ErrnoException {
  const error = new Error('The gateway’s address is not on the public Internet.');
  return Object.assign(error, { code: 'GATEWAY_ADDRESS_REFUSED' });
}

function noAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('The gateway’s name has no address.'), { code: 'ENOTFOUND' });
}
