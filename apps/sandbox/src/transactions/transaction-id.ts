// Generates and parses transaction ids as the two generations of the server do (protocol §4.1).

const MAX_DIGITS = 18;
const two = (value: number): string => String(value).padStart(2, '0');

export interface IdIngredients {
  readonly acquirer: number;
  readonly rowNumber: number;
  readonly at: Date;
}

/**
 * Returns an id of the older server: acquirer, row number, yyMMddHHmmss and six digits of the epoch
 * milliseconds, cut to 18.
 */
export function datedTransactionId({ acquirer, rowNumber, at }: IdIngredients): string {
  const day = `${two(at.getFullYear() % 100)}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const milliseconds = String(at.getTime()).slice(-6);
  return `${acquirer}${rowNumber}${day}${time}${milliseconds}`.slice(0, MAX_DIGITS);
}

/**
 * Returns an id of the newer server: acquirer, then the last digits of the epoch milliseconds
 * followed by three random digits. `random` is uniform in [0, 1).
 */
export function randomTransactionId({ acquirer, at }: IdIngredients, random: number): string {
  const prefix = String(acquirer);
  const digits = `${at.getTime()}${String(Math.floor(random * 1000)).padStart(3, '0')}`;
  return prefix + digits.slice(-(MAX_DIGITS - prefix.length));
}

/**
 * Parses an id from a path as Java's `Long.parseLong` does, and returns its canonical spelling
 * (§5.1); undefined for anything but a signed 64-bit number.
 */
export function parseTransactionId(text: string): string | undefined {
  if (!/^[+-]?\d{1,30}$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined;
}
