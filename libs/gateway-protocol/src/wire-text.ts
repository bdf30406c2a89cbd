// Making the gateway's free text safe to keep. Its error texts echo what was sent, a bad card
// number included, and anybody can post a callback.

// Long enough for the longest text of the gateway (1113), short enough for a column and a log line.
const TEXT_LENGTH_MAX = 500;
const URL_LENGTH_MAX = 2048;

// Control and format characters, line separators, and halves of a surrogate pair, which Postgres
// refuses.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
// Card numbers have 12 to 19 digits, typed with spaces or dashes or without.
const CARD_NUMBER_LIKE = /\d(?:[ -]?\d){11,}/g;
const MASKED_CARD_NUMBER = /^(?:\d{0,6}[Xx*]{2,}\d{0,4}|\d{4})$/;

/** One line of printable text, at most 500 characters. */
export function printableText(text: string): string {
  return text.slice(0, TEXT_LENGTH_MAX).replaceAll(UNPRINTABLE, ' ').trim();
}

/**
 * A text that is compared with the record, without blanks around it; undefined where it is blank,
 * or cleaning it would make another one of it. Only the plain space is a blank here: the others
 * look the same and are not.
 */
export function identifierText(text: string): string | undefined {
  if (text.length > TEXT_LENGTH_MAX || text.search(UNPRINTABLE) !== -1) return undefined;
  return text.replaceAll(/^ +| +$/g, '') || undefined;
}

/** A terminal's number without leading zeros; undefined for anything but digits. */
export function terminalNumberText(text: string): string | undefined {
  return /^\d{1,10}$/.test(text) ? BigInt(text).toString() : undefined;
}

/** Printable text in which nothing can be a card number. For sentences, not for identifiers. */
export function sentenceText(text: string): string {
  // Masked before it is cut: a cut could leave a part of a card number too short to be recognised.
  const masked = text.replaceAll(UNPRINTABLE, ' ').replaceAll(CARD_NUMBER_LIKE, '[digits]');
  return printableText(masked);
}

/**
 * A masked card number as one of the generations writes it (protocol §3.1, §6.3); undefined for
 * anything else.
 */
export function maskedCardText(text: string): string | undefined {
  return MASKED_CARD_NUMBER.test(text) ? text : undefined;
}

/**
 * The URL in the form in which a browser would ask for it, if it is absolute and http(s), without
 * blanks or control characters, which a parser would drop, and at most 2048 characters long. It is
 * ASCII then, and fits a column, a header and a terminal.
 */
export function httpUrl(text: string): string | undefined {
  if (text.length > URL_LENGTH_MAX || /\s/u.test(text) || text.search(UNPRINTABLE) !== -1)
    return undefined;
  if (!URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  const isHttp = protocol === 'https:' || protocol === 'http:';
  return isHttp && href.length <= URL_LENGTH_MAX ? href : undefined;
}
