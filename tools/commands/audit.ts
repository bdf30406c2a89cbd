// `npm run audit`: asks the registry for advisories about the packages of the lock file. Fails for
// each that is neither mended nor explained. A registry that does not know advisories is named
// loudly and does not fail: whoever builds behind a mirror has to ask elsewhere (docs/security.md).
import { npm } from '../install.mjs';
import { tell } from '../terminal/progress.mjs';

const LIMIT_MS = 60_000;

/**
 * Advisories that are known and do not concern us, by their address. Each needs the reason and the
 * day on which it is looked at again; after that day it counts like any other.
 */
const EXPLAINED: Readonly<Record<string, { why: string; until: string }>> = {};

type Advisory = Readonly<Record<'name' | 'severity' | 'title' | 'url', string>>;

/**
 * The part of `npm audit --json` that is read. A package that only depends on a vulnerable one
 * names it as text.
 */
interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { via: readonly (string | Advisory)[] }>>;
  readonly error?: { readonly summary?: string };
  readonly message?: string;
  readonly statusCode?: number;
}

/**
 * Judges what `npm audit --json` printed; `today` is YYYY-MM-DD.
 * @returns lines for a person, or the `reason` why there was no answer
 */
export function judgeAdvisories(
  printed: string,
  { explained, today }: { explained: typeof EXPLAINED; today: string },
): { open: string[]; explained: string[]; reason?: string } {
  const report: Report = printed.startsWith('{') ? JSON.parse(printed) : {};
  const { vulnerabilities, error, message, statusCode } = report;
  const reason = String(error?.summary || message || statusCode || 'no report');
  if (vulnerabilities === undefined) return { open: [], explained: [], reason };
  const causes = Object.values(vulnerabilities).flatMap(({ via }) => via);
  const advisories = causes.filter((cause) => typeof cause !== 'string');
  const isExplained = ({ url }: Advisory) => today <= (explained[url]?.until ?? '');
  const lines = (some: readonly Advisory[]) =>
    some.map(({ severity, name, title, url }) => `${severity} ${name}: ${title} ${url}`);
  const open = lines(advisories.filter((advisory) => !isExplained(advisory)));
  return { open: [...new Set(open)], explained: lines(advisories.filter(isExplained)) };
}

/** The command. npm's exit code says that something was found, which the report says better. */
export async function audit(): Promise<number> {
  const asked = npm(['audit', '--json', '--loglevel=silent'], LIMIT_MS);
  const { stdout = '' } = await asked.catch((error: { stdout?: string }) => error);
  const today = new Date().toISOString().slice(0, 10);
  const { open, explained, reason } = judgeAdvisories(stdout, { explained: EXPLAINED, today });
  if (reason) tell(`NOT CHECKED: the registry did not answer about advisories (${reason}).`);
  else tell(`${open.length} open advisories, ${explained.length} explained`);
  for (const line of explained) tell(`explained  ${line}`);
  for (const line of open) tell(`open       ${line}`);
  return open.length > 0 ? 1 : 0;
}
