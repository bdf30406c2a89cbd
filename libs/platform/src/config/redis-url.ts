// The URL of Redis: of one server, or of the Sentinels that know which server is the primary.
import { parseUrl } from '../parse-url.js';

/** A primary that Sentinels name. */
export interface SentinelAddress {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
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

const SERVER = ['redis:', 'rediss:'];
const SENTINEL_PORT = 26_379;
/** User and password, hosts, and the rest. A password contains no unescaped `@` or `/`. */
const SENTINEL = /^(rediss?)\+sentinel:\/\/([^@/?#]*@)?([^@/?#]*)(.*)$/s;
/** The name of a primary as Sentinel accepts it, and the number of a database. */
const PATH = /^\/([\w.-]+)(?:\/(\d{1,5}))?$/;
const PARAMETERS = ['sentinel_username', 'sentinel_password'];

/** Returns true for the URL of Sentinels, valid or not. */
export function isSentinelUrl(text: string): boolean {
  return /^rediss?\+sentinel:/.test(text);
}

/** Returns the problem of a Redis URL, without any part of it; `undefined` for a valid one. */
export function redisUrlProblem(text: string): string | undefined {
  const parsed = isSentinelUrl(text) ? readSentinelUrl(text) : parseUrl(text);
  if (typeof parsed === 'string') return parsed;
  const isValid = parsed && (!(parsed instanceof URL) || SERVER.includes(parsed.protocol));
  return isValid ? undefined : 'it is no URL of Redis';
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
  const [, scheme, user = '', hosts = '', rest = ''] = SENTINEL.exec(text) ?? [];
  const url = parseUrl(`redis://${user}sentinels${rest}`);
  if (!url) return 'it is no URL';
  const sentinels = hosts.split(',').map((host) => parseUrl(`redis://${host}`));
  if (!sentinels.every((sentinel) => sentinel && isHost(sentinel)))
    return 'its hosts are not host:port, separated by commas';
  const [, name, db = '0'] = PATH.exec(url.pathname) ?? [];
  if (name === undefined) return 'its path is not /<name of the primary> or /<name>/<database>';
  const parameters = [...url.searchParams.keys()];
  if (url.hash || new Set(parameters).size < parameters.length) return UNKNOWN_PARAMETER;
  if (!parameters.every((parameter) => PARAMETERS.includes(parameter))) return UNKNOWN_PARAMETER;
  try {
    return {
      sentinels: sentinels.map((sentinel) => ({
        host: (sentinel?.hostname ?? '').replace(/^\[(.*)\]$/, '$1'),
        port: Number(sentinel?.port || SENTINEL_PORT),
      })),
      name,
      isTls: scheme === 'rediss',
      username: decoded(url.username),
      password: decoded(url.password),
      db: Number(db),
      sentinelUsername: url.searchParams.get('sentinel_username') ?? undefined,
      sentinelPassword: url.searchParams.get('sentinel_password') ?? undefined,
    };
  } catch {
    return 'its user or password is not percent-encoded';
  }
}

const UNKNOWN_PARAMETER = `it has another parameter than ${PARAMETERS.join(' and ')}, or one twice`;

const isHost = ({ hostname, username, pathname }: URL) =>
  hostname !== '' && username === '' && pathname === '';

const decoded = (part: string) => (part === '' ? undefined : decodeURIComponent(part));
