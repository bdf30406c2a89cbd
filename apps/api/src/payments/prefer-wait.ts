// `Prefer: wait=N` (RFC 7240 §4.3): the caller's wish to have the answer held until there is something to say.

/** A checkout's patience; also below the idle time-outs of common proxies. */
const WAIT_SECONDS_MAX = 30;
const WAIT = /^wait\s*=\s*"?(\d{1,3})"?$/i;

/** The seconds wished for, 1 to 30; `undefined` when nothing sensible was asked, which the RFC says to ignore. */
export function preferredWaitSeconds(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  for (const preference of [header].flat().join(',').split(',')) {
    // Parameters of a preference come after a semicolon; wait has none.
    const [wish = ''] = preference.split(';');
    const seconds = Number(WAIT.exec(wish.trim())?.[1] ?? 0);
    if (seconds >= 1) return seconds <= WAIT_SECONDS_MAX ? seconds : undefined;
  }
  return undefined;
}
