// Opens connections to gateways. The name is resolved once; the addresses are checked and then
// used. TLS certificates are verified whatever the environment says, and the key is checked where a
// pin is set. After a failure here nothing was sent, because there is no connection to write to.
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, createSecureContext } from 'node:tls';
import type { CertificatePins } from './certificate-pins.js';

/** Resolves a name to all its addresses; as `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The options of a {@link GuardedConnector}. */
export interface ConnectorOptions {
  /** Longest wait for a connection, TLS included, in milliseconds. */
  readonly timeoutMs: number;
  /** True when a connection to the address is allowed. */
  readonly mayConnectTo: (address: string) => boolean;
  readonly pins: CertificatePins;
  readonly resolve?: Resolve | undefined;
  /** Certificates of authorities to trust instead of the system's, as PEM. */
  readonly ca?: string | undefined;
}

/** Opens connections, and closes all of them when it is closed. */
export class GuardedConnector {
  readonly #options: ConnectorOptions;
  /** Created once, because reading the certificates costs as much as the rest of a handshake. */
  readonly #trust;
  readonly #open = new Set<Socket>();
  #isClosed = false;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#trust = createSecureContext(options.ca === undefined ? {} : { ca: options.ca });
  }

  /**
   * Resolves with a new connection to `origin`, with TLS if its scheme is https. The caller
   * destroys it. Gives up when `signal` aborts. Rejects with an error that has a `code`: the
   * system's or OpenSSL's, or `GATEWAY_ADDRESS_REFUSED`, `GATEWAY_PIN_MISMATCH`, `CONNECT_TIMEOUT`,
   * `CONNECTION_CLOSED`.
   */
  open(origin: URL, signal: AbortSignal): Promise<Socket> {
    const host = origin.hostname.replaceAll(/[[\]]/g, '');
    // An IP address never reaches the look-up below.
    const isRefused = isIP(host) !== 0 && !this.#options.mayConnectTo(host);
    if (isRefused) return Promise.reject(refused());
    if (this.#isClosed || signal.aborted) return Promise.reject(closed());
    const isTls = origin.protocol === 'https:';
    const port = Number(origin.port) || (isTls ? 443 : 80);
    const socket = isTls ? this.#startTls(host, port) : this.#startPlain(host, port);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return this.#ready(socket, isTls ? 'secureConnect' : 'connect', signal);
  }

  /** Closes every connection, including those in use. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#open) socket.destroy();
  }

  #startPlain(host: string, port: number): Socket {
    return connectPlain({ host, port, noDelay: true, lookup: this.#lookup });
  }

  #startTls(host: string, port: number): Socket {
    const { pins } = this.#options;
    // Never resumes a TLS session: Node does not check the certificate of a resumed one.
    const socket = connectTls({
      host,
      port,
      lookup: this.#lookup,
      secureContext: this.#trust,
      ALPNProtocols: ['http/1.1'],
      // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
      rejectUnauthorized: true,
      checkServerIdentity: (name, certificate) =>
        checkServerIdentity(name, certificate) ?? pins.check(name, certificate),
      ...(isIP(host) === 0 && { servername: host }),
    });
    return socket.setNoDelay();
  }

  #ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(timedOut()), this.#options.timeoutMs);
      const giveUp = () => socket.destroy();
      signal.addEventListener('abort', giveUp);
      const settle = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
      };
      socket.once(event, () => {
        settle();
        resolve(socket);
      });
      // Stays for the life of the socket: an error without a listener would end the process.
      socket.on('error', reject);
      socket.once('close', () => {
        settle();
        reject(closed());
      });
    });
  }

  /**
   * Resolves and checks the addresses. The socket connects to these and does not resolve the name
   * again, so a second, different resolution (DNS rebinding) cannot happen.
   */
  readonly #lookup: LookupFunction = (hostname, { all, ...asked }, done) => {
    const { resolve = lookup, mayConnectTo } = this.#options;
    resolve(hostname, { ...asked, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? noAddress(), '');
      if (!addresses.every(({ address }) => mayConnectTo(address))) return done(refused(), '');
      return all === true ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}

function refused(): NodeJS.ErrnoException {
  const error = new Error('The gateway’s address is not on the public Internet.');
  return Object.assign(error, { code: 'GATEWAY_ADDRESS_REFUSED' });
}

function noAddress(): NodeJS.ErrnoException {
  return Object.assign(new Error('The gateway’s name has no address.'), { code: 'ENOTFOUND' });
}

function timedOut(): NodeJS.ErrnoException {
  const error = new Error('The connection to the gateway was not ready in time.');
  return Object.assign(error, { code: 'CONNECT_TIMEOUT' });
}

function closed(): NodeJS.ErrnoException {
  const error = new Error('The connection to the gateway ended before it was ready.');
  return Object.assign(error, { code: 'CONNECTION_CLOSED' });
}
