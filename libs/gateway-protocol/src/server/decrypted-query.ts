// Reads the query string inside `encrypted_data` (protocol §2.3). The rules differ from those of a
// form post: the last duplicate wins, empty values vanish, values are not trimmed, and an invalid
// escape is an error.
import type { Parameters } from './parameters.js';

/** A `%` escape that Java's URLDecoder rejects; its text becomes the inner reason of error 5001. */
export class BadEscape extends Error {
  override readonly name = 'BadEscape';

  constructor() {
    super('URLDecoder: Illegal hex characters in escape (%) pattern');
  }
}

/** Parses the query string. Throws BadEscape for a `%` without two hexadecimal digits. */
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

/**
 * Decodes as Java does, which replaces invalid UTF-8 with U+FFFD where `decodeURIComponent` throws.
 */
function decodedWithReplacements(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/**
 * Returns a copy with its own memory. A substring of the decrypted text would retain the whole
 * text, card number included, for as long as its row exists.
 */
function detached(value: string): string {
  return Buffer.from(value, 'utf8').toString('utf8');
}
