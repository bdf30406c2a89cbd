// Compares this host's clock with a server's.
import { attention, bad, type Finding, good } from './finding.js';

/** The offset that metrics page for (docs/operations.md). */
const ATTENTION_MS = 1_000;
/** Signed requests of callers are rejected about then. */
const BAD_MS = 30_000;

/** The times at which the question left and the answer arrived, in milliseconds since 1970. */
interface Asked {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Judges the offset of `serverMs` from this host. The answer's way counts for neither. */
export function clockFinding(
  check: string,
  serverMs: number,
  { askedAt, answeredAt }: Asked,
): Finding {
  const early = Math.max(0, askedAt - serverMs);
  const late = Math.max(0, serverMs - answeredAt);
  const offsetMs = Math.max(early, late);
  if (offsetMs < ATTENTION_MS) return good(check, 'agrees with this host');
  const direction = late > early ? 'ahead of' : 'behind';
  const finding = `${(offsetMs / 1000).toFixed(1)} s ${direction} this host`;
  const advice = 'Check the time service of both hosts.';
  return offsetMs < BAD_MS ? attention(check, finding, advice) : bad(check, finding, advice);
}
