// Makes the gateway's free text safe to store. Its error texts echo the request, including an
// invalid card number, and anyone can post a callback.

// Long enough for the longest text of the gateway (1113), short enough for a column and a log line.
const TEXT_LENGTH_MAX = 500;
const URL_LENGTH_MAX = 2048;

// Control and format characters, line separators, and unpaired surrogates, which Postgres rejects.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
// Card numbers have 12 to 19 digits, with or without spaces or dashes.
const CARD_NUMBER_LIKE = /\d(?:[ -]?\d){11,}/g;
const MASKED_CARD_NUMBER = /^(?:\d{0,6}[Xx*]{2,}\d{0,4}|\d{4})$/;

/** Returns one line of printable text, at most 500 characters. */
export function printableText(text: string): string {
  return text.slice(0, TEXT_LENGTH_MAX).replaceAll(UNPRINTABLE, ' ').trim();
}

/**
 * Returns a text to compare with the record, without surrounding blanks; undefined if it is blank,
 * or cleaning would change it. Only the plain space is a blank here: the others look the same but
 * differ.
 */
export function identifierText(text: string): string | undefined {
  if (text.length > TEXT_LENGTH_MAX || text.search(UNPRINTABLE) !== -1) return undefined;
  return text.replaceAll(/^ +| +$/g, '') || undefined;
}

/** Returns a terminal's number without leading zeros; undefined for anything but digits. */
export function terminalNumberText(text: string): string | undefined {
  return /^\d{1,10}$/.test(text) ? BigInt(text).toString() : undefined;
}

/**
 * Returns printable text without anything that can be a card number. For sentences, not for
 * identifiers.
 */
export function sentenceText(text: string): string {
  // Masked before the cut, which could leave a part of a card number too short to be recognized.
  const masked = text.replaceAll(UNPRINTABLE, ' ').replaceAll(CARD_NUMBER_LIKE, '[digits]');
  return printableText(masked);
}

/**
 * Returns a masked card number in the form of a protocol generation (protocol §3.1, §6.3);
 * undefined for anything else.
 */
export function maskedCardText(text: string): string | undefined {
  return MASKED_CARD_NUMBER.test(text) ? text : undefined;
}

/**
 * Returns the URL in the normalized form of a browser, if it is absolute and http(s), at most 2048
 * characters long, and without blanks or control characters, which a parser would drop. The result
 * is ASCII, and fits a column, a header and a terminal.
 */
export function httpUrl(text: string): string | undefined {
  if (text.length > URL_LENGTH_MAX || /\s/u.test(text) || text.search(UNPRINTABLE) !== -1)
    return undefined;
  const { protocol, href } = parsed(text) ?? {};
  const isHttp = protocol === 'https:' || protocol === 'http:';
  return isHttp && href !== undefined && href.length <= URL_LENGTH_MAX ? href : undefined;
}

/** Not by `URL.canParse`: once optimized, Node 20's is false for a URL with a letter such as ü. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
