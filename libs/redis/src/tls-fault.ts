// Finds out why TLS to Redis fails. Of a Sentinel or a node of a Cluster whose certificate is not
// trusted, ioredis reports only that the connection is closed.
import { connect } from 'node:tls';
import {
  errorCodeOf,
  isClusterUrl,
  isSentinelUrl,
  parseClusterUrl,
  parseSentinelUrl,
} from '@quittance/platform';

interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 6379;
/** The end of a connection is no fault of TLS: a server that stops ends it too. */
const CLOSED = 'ECONNRESET';
const NO_ANSWER = 'no answer';

/**
 * Connects to each host that a valid `REDIS_URL` names, and verifies its certificate. Returns the
 * first fault, such as `TLS fails (CERT_HAS_EXPIRED)`, with `no answer` for a host that is reached
 * and does not verify itself within `limitMs`. Returns undefined for a URL without TLS, and while
 * no host can be reached. Never rejects.
 */
export async function tlsFaultOf(url: string, limitMs: number): Promise<string | undefined> {
  const faults = await Promise.all(tlsAddressesOf(url).map((at) => faultAt(at, limitMs)));
  const fault = faults.find((one) => one !== undefined);
  return fault === undefined ? undefined : `TLS fails (${fault})`;
}

function tlsAddressesOf(url: string): readonly Address[] {
  if (!url.startsWith('rediss')) return [];
  if (isClusterUrl(url)) return parseClusterUrl(url).nodes;
  if (isSentinelUrl(url)) return parseSentinelUrl(url).sentinels;
  const { hostname, port } = new URL(url);
  return [{ host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port || DEFAULT_PORT) }];
}

function faultAt(address: Address, limitMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let isReached = false;
    const socket = connect({ ...address });
    const end = (fault?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(fault);
    };
    // A Redis without TLS waits for the end of a command.
    const timer = setTimeout(() => end(isReached ? NO_ANSWER : undefined), limitMs);
    socket.once('connect', () => (isReached = true));
    socket.once('secureConnect', () => end());
    socket.on('error', (error) => {
      const code = errorCodeOf(error) ?? 'unknown';
      end(isReached && code !== CLOSED ? code : undefined);
    });
  });
}
