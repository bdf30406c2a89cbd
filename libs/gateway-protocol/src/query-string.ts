// Query strings as the gateway reads them (protocol §2.3) and as its callbacks contain them (§6.4).
// The two differ: requests are form-encoded; decrypted callbacks may contain raw spaces and lone
// percent signs.

/**
 * Encodes fields as `k=v&k=v`, form-encoded per value: space as `+`, UTF-8 percent-encoded
 * (protocol §2.3).
 */
export function encodeQueryString(fields: Iterable<readonly [string, string]>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of fields) parameters.append(name, value);
  return parameters.toString();
}

/**
 * The spelling of a text: by a form encoder, or by joining raw values as the gateway's callbacks
 * do.
 */
export type QueryStringSpelling = 'form' | 'raw';

const PERCENT_SEQUENCES = /(?:%[0-9A-Fa-f]{2})+/g;

/**
 * Decodes `k=v&k=v`. Tolerant: drops empty parts and parts without `=`, counts later `=` as part of
 * the value, leaves an escape that is not UTF-8 as it is, and uses the last of duplicate names
 * (protocol §2.3). `+` is a space in form spelling and itself in raw spelling.
 */
export function decodeQueryString(
  text: string,
  spelling: QueryStringSpelling,
): Map<string, string> {
  const fields = new Map<string, string>();
  for (const piece of text.split('&')) {
    const end = piece.indexOf('=');
    if (end < 1) continue;
    fields.set(decode(piece.slice(0, end), spelling), decode(piece.slice(end + 1), spelling));
  }
  return fields;
}

function decode(text: string, spelling: QueryStringSpelling): string {
  const spaced = spelling === 'form' ? text.replaceAll('+', ' ') : text;
  return spaced.replaceAll(PERCENT_SEQUENCES, (sequence) => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}
