// How much one caller may take of a server: bytes, seconds and connections. Slow or greedy clients
// are cut off here, before any code of an app runs (OWASP API4:2023, ASVS 5 V13.1).
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics } from '../metrics.js';
import type { AddressRanges } from '../net/addresses.js';

/** The limits of one server. Times are milliseconds. */
export interface HttpLimits {
  /** Longest body; a route may set its own. */
  readonly bodyBytes: number;
  /** All header lines together; more is answered 431. */
  readonly headerBytes: number;
  /** Longest path with query, in characters; more is answered 414. */
  readonly addressLength: number;
  /**
   * From the first byte of a request, or the opening of the connection, to the end of its headers.
   */
  readonly headersTimeoutMs: number;
  /** The same to the end of its body. What is slower is answered 408 and cut off. */
  readonly requestTimeoutMs: number;
  /** Pause between two looks for requests that are over time: a cut can come this much later. */
  readonly timeoutCheckMs: number;
  /** How long an idle connection is kept. */
  readonly keepAliveTimeoutMs: number;
  /** Most connections at once; more are closed as they come. */
  readonly connections: number;
  /**
   * Most connections at once from one address, so that no single one can take them all. Trusted
   * proxies are exempt.
   */
  readonly connectionsPerAddress: number;
}

export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 64 * 1024,
  // Node's own default, written down: a signed request with all its headers takes about 1 KiB.
  headerBytes: 16 * 1024,
  addressLength: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 5_000,
  // Longer than the 60 s after which common load balancers drop idle connections: they must hang up
  // first, not we.
  keepAliveTimeoutMs: 65_000,
  connections: 10_000,
  connectionsPerAddress: 5_000,
};

/** Closes connections beyond the limits as they are opened, and counts them. */
export function limitConnections(
  server: Server,
  limits: HttpLimits,
  { trustedProxies, metrics }: { trustedProxies?: AddressRanges; metrics?: Metrics },
): void {
  const refused = metrics?.counter({
    name: 'http_connections_refused_total',
    help: 'Connections closed because there were too many, in all or from their address',
  });
  const open = new Map<string, number>();
  server.maxConnections = limits.connections;
  server.on('drop', () => refused?.inc());
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || trustedProxies?.has(address)) return;
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count <= limits.connectionsPerAddress) return;
    refused?.inc();
    socket.destroy();
  });
}
