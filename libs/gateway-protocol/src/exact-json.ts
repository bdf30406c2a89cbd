// Parses JSON without passing a number through a double. The gateway sends an 18-digit transID as a
// bare number (protocol §4.1), which JSON.parse would round. It treats strings and numbers alike,
// so numbers stay as their source text.

/** A JSON value whose numbers are their source text: `1.50` is read as "1.50". */
export type ExactJson = string | boolean | null | readonly ExactJson[] | ExactJsonObject;

/** A JSON object whose numbers are their source text. */
export interface ExactJsonObject {
  readonly [member: string]: ExactJson;
}

// The gateway's bodies are flat and below 4 KiB; authdata nests three levels deep.
const LENGTH_MAX = 256 * 1024;
const DEPTH_MAX = 32;

const STRING_NUMBER_OR_BRACKET =
  /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[{]|[\]}]/g;

/**
 * Parses JSON as strictly as JSON.parse, with numbers as text. The last of duplicate members wins.
 * Undefined if the text is not JSON, longer than 262,144 characters, or nested deeper than 32.
 */
export function parseExact(text: string): ExactJson | undefined {
  const value = text.length > LENGTH_MAX ? undefined : parseOrUndefined(text);
  if (value === undefined) return undefined;
  const quoted = quoteNumbers(text);
  if (quoted === undefined) return undefined;
  // If nothing was quoted there is no number, and the parsed value is exact.
  return quoted === text ? value : (JSON.parse(quoted) as ExactJson);
}

/** Undefined is not a JSON value, so it can mean an error. */
function parseOrUndefined(text: string): ExactJson | undefined {
  try {
    return JSON.parse(text) as ExactJson;
  } catch {
    return undefined;
  }
}

/**
 * Quotes all numbers of valid JSON, where everything outside a string that looks like a number is
 * one.
 */
function quoteNumbers(text: string): string | undefined {
  let depth = 0;
  let deepest = 0;
  const quoted = text.replaceAll(STRING_NUMBER_OR_BRACKET, (token) => {
    switch (token[0]) {
      case '"':
        return token;
      case '{':
      case '[':
        depth += 1;
        deepest = Math.max(deepest, depth);
        return token;
      case '}':
      case ']':
        depth -= 1;
        return token;
      default:
        return `"${token}"`;
    }
  });
  return deepest > DEPTH_MAX ? undefined : quoted;
}

/** True when a value is a JSON object. */
export function isExactJsonObject(value: ExactJson | undefined): value is ExactJsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
