// Parses URLs without an exception for those that are none.

/**
 * Returns the URL, or `undefined` if `text` is no absolute URL. `URL.canParse` must not decide
 * this: on Node 20, once it is optimized, it is false for every URL with a letter such as ü.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
