// Limits the bytes, seconds and connections that one caller may use. Slow or greedy clients are cut
// off before any code of an app runs (OWASP API4:2023, ASVS 5 V13.1).
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Metrics, AddressRanges } from '@quittance/platform';

/** The limits of one server. Times are in milliseconds. */
export interface HttpLimits {
  /** Longest body. A route may set its own limit. */
  readonly bodyBytes: number;
  /** All header lines together. A longer header gives a 431. */
  readonly headerBytes: number;
  /** Longest path with query, in characters. A longer one gives a 414. */
  readonly addressLength: number;
  /**
   * From the first byte of a request, or the opening of the connection, to the end of the headers.
   */
  readonly headersTimeoutMs: number;
  /**
   * From the same moment to the end of the body. A slower request gets a 408 and its connection is
   * closed.
   */
  readonly requestTimeoutMs: number;
  /** Interval between checks for overdue requests; a connection may be closed this much later. */
  readonly timeoutCheckMs: number;
  /** Time after which an idle connection is closed. */
  readonly keepAliveTimeoutMs: number;
  /** Most connections at once. Further ones are closed on arrival. */
  readonly connections: number;
  /**
   * Most connections at once from one address, so that no single caller can take them all. Trusted
   * proxies are exempt.
   */
  readonly connectionsPerAddress: number;
}

/** The limits of every server unless an app overrides them. */
export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 64 * 1024,
  // Node's own default, made explicit. A signed request with all its headers takes about 1 KiB.
  headerBytes: 16 * 1024,
  addressLength: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 5_000,
  // Longer than the 60 s after which common load balancers close idle connections: the balancer
  // must close first.
  keepAliveTimeoutMs: 65_000,
  connections: 10_000,
  connectionsPerAddress: 5_000,
};

/** Closes connections beyond the limits as they open, and counts them. */
export function limitConnections(
  server: Server,
  limits: HttpLimits,
  { trustedProxies, metrics }: { trustedProxies?: AddressRanges; metrics?: Metrics },
): void {
  const refused = metrics?.counter({
    name: 'http_connections_refused_total',
    help: 'Connections closed because there were too many, in total or from one address',
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
