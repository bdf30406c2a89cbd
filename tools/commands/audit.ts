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

/** Lines for a person. */
type Judgement =
  { isAnswered: false; reason: string } | { isAnswered: true; open: string[]; explained: string[] };

/** Judges what `npm audit --json` printed; `today` is YYYY-MM-DD. */
export function judgeAdvisories(
  json: string,
  { explained, today }: { explained: typeof EXPLAINED; today: string },
): Judgement {
  let report: Report = {};
  try {
    report = JSON.parse(json) as Report;
  } catch {
    // No answer is not "none".
  }
  const { vulnerabilities, error, message, statusCode } = report;
  if (vulnerabilities === undefined) {
    const reason = error?.summary || message || statusCode || 'no report';
    return { isAnswered: false, reason: String(reason) };
  }
  const [open, known] = [new Set<string>(), new Set<string>()];
  for (const cause of Object.values(vulnerabilities).flatMap(({ via }) => via)) {
    if (typeof cause === 'string') continue;
    const { name, severity, title, url } = cause;
    const isExplained = today <= (explained[url]?.until ?? '');
    (isExplained ? known : open).add(`${severity} ${name}: ${title} ${url}`);
  }
  return { isAnswered: true, open: [...open], explained: [...known] };
}

/** The command. npm's exit code says that something was found, which the report says better. */
export async function audit(): Promise<number> {
  const printed = await npm(['audit', '--json', '--loglevel=silent'], LIMIT_MS).catch(
    (error: { stdout?: string }) => error,
  );
  const today = new Date().toISOString().slice(0, 10);
  const judged = judgeAdvisories(printed.stdout ?? '', { explained: EXPLAINED, today });
  if (!judged.isAnswered) {
    tell(`NOT CHECKED: the registry did not answer about advisories (${judged.reason}).`);
    return 0;
  }
  for (const line of judged.explained) tell(`explained  ${line}`);
  for (const line of judged.open) tell(`open       ${line}`);
  tell(`${judged.open.length} open advisories, ${judged.explained.length} explained`);
  return judged.open.length > 0 ? 1 : 0;
}
