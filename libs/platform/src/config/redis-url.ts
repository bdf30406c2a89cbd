// The URL of Redis: of one server, of the Sentinels that know which server is the primary, or of
// nodes of a Redis Cluster, which know all others.
import { parseUrl } from '../parse-url.js';

/** A primary that Sentinels name. */
export interface SentinelAddress {
  readonly sentinels: readonly HostAndPort[];
  /** The name of the primary at the Sentinels. */
  readonly name: string;
  /** True when the servers and the Sentinels speak TLS. */
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** A Redis Cluster, by some of its nodes. */
export interface ClusterAddress {
  readonly nodes: readonly HostAndPort[];
  /** True when the nodes speak TLS. */
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const SERVER = ['redis:', 'rediss:'];
const SENTINEL_PORT = 26_379;
const SERVER_PORT = 6_379;
/** User and password, hosts, and the rest. A password contains no unescaped `@` or `/`. */
const SEVERAL = /^(rediss?)\+(?:sentinel|cluster):\/\/([^@/?#]*@)?([^@/?#]*)(.*)$/s;
/** The name of a primary as Sentinel accepts it, and the number of a database. */
const PATH = /^\/([\w.-]+)(?:\/(\d{1,5}))?$/;
const PARAMETERS = ['sentinel_username', 'sentinel_password'];

/** Returns true for the URL of Sentinels, valid or not. */
export function isSentinelUrl(text: string): boolean {
  return /^rediss?\+sentinel:/.test(text);
}

/** Returns true for the URL of a Redis Cluster, valid or not. */
export function isClusterUrl(text: string): boolean {
  return /^rediss?\+cluster:/.test(text);
}

/** Returns the problem of a Redis URL, without any part of it; `undefined` for a valid one. */
export function redisUrlProblem(text: string): string | undefined {
  const parsed = parsedUrl(text);
  if (typeof parsed === 'string') return parsed;
  const isValid = parsed && (!(parsed instanceof URL) || SERVER.includes(parsed.protocol));
  return isValid ? undefined : 'it is no URL of Redis';
}

function parsedUrl(text: string) {
  if (isSentinelUrl(text)) return readSentinelUrl(text);
  return isClusterUrl(text) ? readClusterUrl(text) : parseUrl(text);
}

/**
 * Returns the address in the URL of a Cluster, e.g.
 * `redis+cluster://user:password@n1:6379,n2:6379`. Throws TypeError for any other text.
 */
export function parseClusterUrl(text: string): ClusterAddress {
  const read = readClusterUrl(text);
  if (typeof read === 'string') throw new TypeError(`the URL of a Cluster: ${read}`);
  return read;
}

/** Returns the address, or the problem. */
function readClusterUrl(text: string): ClusterAddress | string {
  const [, scheme, user = '', hosts = '', rest = ''] = SEVERAL.exec(text) ?? [];
  const url = parseUrl(`redis://${user}nodes${rest}`);
  const nodes = readHosts(hosts, SERVER_PORT);
  if (!url) return NO_URL;
  if (!nodes) return BAD_HOSTS;
  if (!['', '/', '/0'].includes(url.pathname) || url.search || url.hash)
    return 'it has a path or parameters: a Cluster has one database, 0';
  try {
    const [username, password] = [decoded(url.username), decoded(url.password)];
    return { nodes, isTls: scheme === 'rediss', username, password };
  } catch {
    return BAD_USER;
  }
}

/**
 * Returns the address in the URL of Sentinels, e.g.
 * `redis+sentinel://user:password@s1:26379,s2:26379/primary/0?sentinel_password=…`. Throws
 * TypeError for any other text.
 */
export function parseSentinelUrl(text: string): SentinelAddress {
  const read = readSentinelUrl(text);
  if (typeof read === 'string') throw new TypeError(`the URL of Sentinels: ${read}`);
  return read;
}

/** Returns the address, or the problem. */
function readSentinelUrl(text: string): SentinelAddress | string {
  const [, scheme, user = '', hosts = '', rest = ''] = SEVERAL.exec(text) ?? [];
  const url = parseUrl(`redis://${user}sentinels${rest}`);
  const sentinels = readHosts(hosts, SENTINEL_PORT);
  if (!url) return NO_URL;
  if (!sentinels) return BAD_HOSTS;
  const [, name, db = '0'] = PATH.exec(url.pathname) ?? [];
  if (name === undefined) return 'its path is not /<name of the primary> or /<name>/<database>';
  const parameters = [...url.searchParams.keys()];
  if (url.hash || new Set(parameters).size < parameters.length) return UNKNOWN_PARAMETER;
  if (!parameters.every((parameter) => PARAMETERS.includes(parameter))) return UNKNOWN_PARAMETER;
  try {
    return {
      sentinels,
      name,
      isTls: scheme === 'rediss',
      username: decoded(url.username),
      password: decoded(url.password),
      db: Number(db),
      sentinelUsername: url.searchParams.get('sentinel_username') ?? undefined,
      sentinelPassword: url.searchParams.get('sentinel_password') ?? undefined,
    };
  } catch {
    return BAD_USER;
  }
}

/** Returns the hosts of a list, or `undefined` when one of them is not `host` or `host:port`. */
function readHosts(list: string, defaultPort: number): readonly HostAndPort[] | undefined {
  const hosts = list.split(',').map((host) => parseUrl(`redis://${host}`));
  if (!hosts.every((host) => host && isHost(host))) return undefined;
  return hosts.map((host) => ({
    host: (host?.hostname ?? '').replace(/^\[(.*)\]$/, '$1'),
    port: Number(host?.port || defaultPort),
  }));
}

const NO_URL = 'it is no URL';
const BAD_HOSTS = 'its hosts are not host:port, separated by commas';
const BAD_USER = 'its user or password is not percent-encoded';

const UNKNOWN_PARAMETER = `it has another parameter than ${PARAMETERS.join(' and ')}, or one twice`;

const isHost = ({ hostname, username, pathname }: URL) =>
  hostname !== '' && username === '' && pathname === '';

const decoded = (part: string) => (part === '' ? undefined : decodeURIComponent(part));
