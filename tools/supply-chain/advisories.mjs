// What a registry's advisories mean for us: each one is mended or explained, and not having been able to ask is not "none".

/**
 * Advisories that are known and do not concern us, by their address. Each needs the reason and the day on which it is looked at
 * again; after that day it counts like any other.
 * @type {Readonly<Record<string, { why: string, until: string }>>}
 */
export const EXPLAINED = {};

/**
 * @param {string} json what `npm audit --json` printed
 * @param {{ explained: typeof EXPLAINED, today: string }} options `today` as YYYY-MM-DD
 * @returns {{ isAnswered: false, reason: string } | { isAnswered: true, open: string[], explained: string[] }}
 */
export function judgeAdvisories(json, { explained, today }) {
  const report = parsed(json);
  if (report?.vulnerabilities === undefined) {
    const words = [report?.error?.summary, report?.message, report?.statusCode];
    return { isAnswered: false, reason: String(words.find(Boolean) ?? 'no report') };
  }
  // A package that only depends on a vulnerable one names it as text; the advisory itself is an object.
  const advisories = Object.values(report.vulnerabilities)
    .flatMap(({ via }) => via)
    .filter((cause) => typeof cause === 'object');
  const isExplained = ({ url }) => today <= (explained[url]?.until ?? '');
  const lines = (found) => [
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

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
