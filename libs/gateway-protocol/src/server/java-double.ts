// Parses and formats amounts like `Double.parseDouble` and `Double.toString`, because the gateway
// stores amounts as Java doubles. JavaScript has the same doubles but formats them differently.

const DECIMAL_LITERAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?$/;
const NAMED_LITERAL = /^([+-]?)(NaN|Infinity)$/;

/**
 * Parses an amount as Java does: surrounding spaces, exponents, a type suffix, and even `NaN` are
 * valid; thousands separators are not (protocol §1.2). Returns undefined where Java throws a
 * NumberFormatException.
 */
export function parseJavaDouble(text: string): number | undefined {
  const trimmed = text.trim();
  const named = NAMED_LITERAL.exec(trimmed);
  if (named) return named[2] === 'NaN' ? Number.NaN : Number(trimmed);
  if (!DECIMAL_LITERAL.test(trimmed)) return undefined;
  return Number(trimmed.replace(/[fFdD]$/, ''));
}

/**
 * Formats an amount as Java does: `130.0`, `11.1`, `1.0E7` from ten million up, `5.0E-4` below a
 * thousandth (§3.1).
 */
export function javaDoubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`;
}

/** Rounds half up to two decimals on the decimal text, not on the binary value (§8, case 6). */
export function roundHalfUpToCents(value: number): number {
  const [digits = '0', exponent = '0'] = String(value).split('e');
  const shifted = Math.floor(Number(`${digits}e${Number(exponent) + 2}`) + 0.5);
  return shifted / 100;
}
