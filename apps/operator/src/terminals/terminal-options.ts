// The options of `terminals add`, checked as the database and the gateway will have them.
import { isIP } from 'node:net';
import { isPublicAddress } from '@quittance/platform';
import { InvalidArgumentError } from 'commander';
import { OperatorError } from '@quittance/operations';

export const INQUIRIES = ['trans-id', 'reference', 'probe'] as const;
export type Inquiry = (typeof INQUIRIES)[number];

/** Its name in the database. */
export function storedInquiry(inquiry: Inquiry): 'trans_id' | 'reference' | 'probe' {
  return inquiry === 'trans-id' ? 'trans_id' : inquiry;
}

/** Its name in Prisma's model. */
export function modelInquiry(inquiry: Inquiry): 'transId' | 'reference' | 'probe' {
  return inquiry === 'trans-id' ? 'transId' : inquiry;
}

/** As commander reads them. */
export interface TerminalOptions {
  readonly merchant: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly number: number;
  readonly publicKey: string;
  /** `-` for stdin; without it, from the environment. */
  readonly privateKey?: string;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
  readonly mode: 'test' | 'live';
  readonly lane: string;
  readonly inquiry: Inquiry;
  /** In milliseconds. */
  readonly absentAfter?: number;
}

/** `terNO`: a positive 32-bit number. */
export function parseTerminalNumber(text: string): number {
  const number = Number(text);
  if (!/^\d{1,10}$/.test(text) || number < 1 || number > 2_147_483_647) {
    throw new InvalidArgumentError('A terminal number is a positive whole number.');
  }
  return number;
}

/** As the database has it, and `queueOf`. */
export function isLane(text: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(text);
}

/** Every problem of the options, as sentences. */
function problemsOf(options: TerminalOptions): string[] {
  const { name, baseUrl, publicKey, lane, mode } = options;
  const problems: string[] = [];
  if (!/^[\w.-]{1,64}$/.test(name)) {
    problems.push('A terminal is named with 1 to 64 of letters, digits, ".", "_" and "-".');
  }
  if (!isBaseUrl(baseUrl)) {
    problems.push('The base URL is http or https, without user name, query and fragment.');
  } else if (mode === 'live') problems.push(...liveAddressProblems(baseUrl));
  if (!/^[\x21-\x7e]{1,512}$/.test(publicKey)) {
    problems.push('The public key is one word of printable characters.');
  }
  if (!isLane(lane)) problems.push('A lane is 1 to 40 of a-z, 0-9 and "-".');
  return [...problems, ...absenceProblems(options)];
}

/** Below this a gateway that is only slow would look like one that has nothing. */
const ABSENT_AFTER_LEAST_MS = 60_000;

/** Why this way to ask cannot prove an absence, or not so soon (protocol §5.1, §11). */
export function absenceProblems({
  inquiry,
  absentAfter,
}: {
  readonly inquiry: Inquiry;
  readonly absentAfter?: number | undefined;
}): string[] {
  if (absentAfter === undefined) return [];
  const problems: string[] = [];
  if (absentAfter < ABSENT_AFTER_LEAST_MS) problems.push('--absent-after is at least 1m.');
  if (inquiry === 'trans-id') {
    problems.push(
      '--absent-after needs --inquiry probe: who has no transID cannot ask by it, and a transID is the gateway’s own word.',
    );
  }
  if (inquiry === 'reference') {
    problems.push(
      '--absent-after needs --inquiry probe: a gateway that cannot look up references answers as if there were none.',
    );
  }
  return problems;
}

/** Throws {@link OperatorError} with everything that is wrong. */
export function checkTerminalOptions(options: TerminalOptions): void {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new OperatorError(problems.join('\n'));
}

/**
 * The worker would refuse to send, and pause the terminal. What a name resolves to is only known
 * there.
 */
function liveAddressProblems(baseUrl: string): string[] {
  const { protocol, hostname } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  const problems: string[] = [];
  if (protocol !== 'https:') {
    problems.push('The base URL of a live terminal is https: card data does not travel in clear.');
  }
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  if (isLocal || (isIP(host) !== 0 && !isPublicAddress(host))) {
    problems.push(
      'The base URL of a live terminal is on the public Internet; only --mode test may reach a private address.',
    );
  }
  return problems;
}

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return isWeb && `${username}${password}${search}${hash}` === '';
}
