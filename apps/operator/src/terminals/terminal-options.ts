// Checks the options of `terminals add` by the rules of the database and the gateway.
import { isIP } from 'node:net';
import { isPublicAddress, parseUrl } from '@quittance/platform';
import { InvalidArgumentError } from 'commander';
import { OperatorError } from '@quittance/operations';

export const INQUIRIES = ['trans-id', 'reference', 'probe'] as const;
export type Inquiry = (typeof INQUIRIES)[number];

/** Returns the strategy's name in the database. */
export function storedInquiry(inquiry: Inquiry): 'trans_id' | 'reference' | 'probe' {
  return inquiry === 'trans-id' ? 'trans_id' : inquiry;
}

/** Returns the strategy's name in Prisma's model. */
export function modelInquiry(inquiry: Inquiry): 'transId' | 'reference' | 'probe' {
  return inquiry === 'trans-id' ? 'transId' : inquiry;
}

/** The options as commander parses them. */
export interface TerminalOptions {
  readonly merchant: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly number: number;
  readonly publicKey: string;
  /** `-` reads stdin; without it, the environment supplies the key. */
  readonly privateKey?: string;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
  readonly mode: 'test' | 'live';
  readonly lane: string;
  readonly inquiry: Inquiry;
  /** In milliseconds. */
  readonly absentAfter?: number;
}

/** Parses `terNO`, a positive 32-bit number. Throws commander's InvalidArgumentError. */
export function parseTerminalNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number < 1 || number > 2_147_483_647) {
    throw new InvalidArgumentError('A terminal number is a positive whole number.');
  }
  return number;
}

/** True for a valid lane name, by the rule of the database and of `queueOf`. */
export function isLane(text: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(text);
}

/** Returns every problem of the options, as sentences. */
function problemsOf(options: TerminalOptions): string[] {
  const { name, baseUrl, publicKey, lane, mode } = options;
  const problems: string[] = [];
  if (!/^[\w.-]{1,64}$/.test(name)) {
    problems.push('A terminal’s name has 1 to 64 letters, digits, ".", "_" and "-".');
  }
  if (!isBaseUrl(baseUrl)) {
    problems.push('The base URL must be http or https, without user name, query and fragment.');
  } else if (mode === 'live') problems.push(...liveAddressProblems(baseUrl));
  if (!/^[\x21-\x7e]{1,512}$/.test(publicKey)) {
    problems.push('The public key must be one word of printable characters.');
  }
  if (!isLane(lane)) problems.push('A lane has 1 to 40 characters of a-z, 0-9 and "-".');
  return [...problems, ...absenceProblems(options)];
}

/** With a shorter time, a slow gateway would look like one without the payment. */
const ABSENT_AFTER_LEAST_MS = 60_000;

/**
 * Returns the reasons why an inquiry strategy cannot prove an absence, or not so soon (protocol
 * §5.1, §11).
 */
export function absenceProblems({
  inquiry,
  absentAfter,
}: {
  readonly inquiry: Inquiry;
  readonly absentAfter?: number | undefined;
}): string[] {
  if (absentAfter === undefined) return [];
  const problems: string[] = [];
  if (absentAfter < ABSENT_AFTER_LEAST_MS) problems.push('--absent-after must be at least 1m.');
  if (inquiry === 'trans-id') {
    problems.push(
      '--absent-after requires --inquiry probe: a payment without a transID cannot be looked up by transID, and one with a transID is known to the gateway.',
    );
  }
  if (inquiry === 'reference') {
    problems.push(
      '--absent-after requires --inquiry probe: a gateway that cannot look up references answers as if the payment did not exist.',
    );
  }
  return problems;
}

/** Throws {@link OperatorError} with every problem of the options. */
export function checkTerminalOptions(options: TerminalOptions): void {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
}

/**
 * Returns the problems of a live terminal's address, for which the worker would send nothing and
 * pause the terminal. Only the worker knows the addresses that a name resolves to.
 */
function liveAddressProblems(baseUrl: string): string[] {
  const { protocol, hostname } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  const problems: string[] = [];
  if (protocol !== 'https:') {
    problems.push(
      'The base URL of a live terminal must be https: card data never travels in clear.',
    );
  }
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  if (isLocal || (isIP(host) !== 0 && !isPublicAddress(host))) {
    problems.push(
      'The base URL of a live terminal must be on the public Internet; only --mode test may use a private address.',
    );
  }
  return problems;
}

function isBaseUrl(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const { protocol, username, password, search, hash } = url;
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return isWeb && `${username}${password}${search}${hash}` === '';
}
