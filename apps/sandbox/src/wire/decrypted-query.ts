// Reads the query string found inside `encrypted_data` (protocol §2.3). It differs from a form post
// on purpose: the last duplicate wins, empty values vanish, nothing is trimmed, a bad escape is an
// error.
import type { Parameters } from './parameters.js';

/** A `%` escape that Java's URLDecoder refuses; its text becomes the inner reason of error 5001. */
export class BadEscape extends Error {
  override readonly name = 'BadEscape';

  constructor() {
    super('URLDecoder: Illegal hex characters in escape (%) pattern');
  }
}

/** @throws BadEscape for a `%` that is not followed by two hexadecimal digits. */
export function readDecryptedQuery(text: string): Parameters {
  const parameters: Parameters = new Map();
  for (const pair of text.split('&')) {
    const split = pair.indexOf('=');
    if (split < 1 || split === pair.length - 1) continue;
    parameters.set(formDecoded(pair.slice(0, split)), formDecoded(pair.slice(split + 1)));
  }
  return parameters;
}

function formDecoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return detached(spaced);
  if (/%(?![0-9A-Fa-f]{2})/.test(spaced)) throw new BadEscape();
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodedWithReplacements(spaced);
  }
}

/** Java replaces bytes that are not UTF-8 by U+FFFD where `decodeURIComponent` throws. */
function decodedWithReplacements(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/**
 * A copy with memory of its own. A value cut out of the decrypted text would keep all of that text
 * alive as long as the row it ends in, the card number in it too.
 */
function detached(value: string): string {
  return Buffer.from(value, 'utf8').toString('utf8');
}
