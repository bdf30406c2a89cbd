// What a registry's advisories mean for us: each one is mended or explained, and not having been
// able to ask is not "none".

/**
 * Advisories that are known and do not concern us, by their address. Each needs the reason and the
 * day on which it is looked at again; after that day it counts like any other.
 */
export const EXPLAINED: Readonly<Record<string, { why: string; until: string }>> = {};

interface Advisory {
  readonly name: string;
  readonly severity: string;
  readonly title: string;
  readonly url: string;
}

/**
 * What `npm audit --json` prints, as far as it is read. A package that only depends on a vulnerable
 * one names it as text.
 */
interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { via: readonly (string | Advisory)[] }>>;
  readonly error?: { readonly summary?: string };
  readonly message?: string;
  readonly statusCode?: number;
}

/** Lines for a person. */
export type Judgement =
  { isAnswered: false; reason: string } | { isAnswered: true; open: string[]; explained: string[] };

/** Judges what `npm audit --json` printed; `today` is YYYY-MM-DD. */
export function judgeAdvisories(
  json: string,
  { explained, today }: { explained: typeof EXPLAINED; today: string },
): Judgement {
  const report = parsed(json);
  if (report?.vulnerabilities === undefined) {
    const words = [report?.error?.summary, report?.message, report?.statusCode];
    return { isAnswered: false, reason: String(words.find(Boolean) ?? 'no report') };
  }
  const advisories = Object.values(report.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((cause) => typeof cause === 'object');
  const isExplained = ({ url }: Advisory) => today <= (explained[url]?.until ?? '');
  const lines = (found: readonly Advisory[]) => [
    ...new Set(
      found.map(({ name, severity, title, url }) => `${severity} ${name}: ${title} ${url}`),
    ),
  ];
  return {
    isAnswered: true,
    open: lines(advisories.filter((one) => !isExplained(one))),
    explained: lines(advisories.filter(isExplained)),
  };
}

function parsed(json: string): Report | undefined {
  try {
    return JSON.parse(json) as Report;
  } catch {
    return undefined;
  }
}
