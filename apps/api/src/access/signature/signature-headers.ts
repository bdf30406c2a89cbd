// Parses `Signature-Input` and `Signature` (RFC 9421 §4): one signature with plain components. Only
// the RFC's canonical form is accepted, so that the rebuilt text is byte for byte the signed one.

/** A signature as stated in its two headers. */
export interface StatedSignature {
  /**
   * Names of the signed components, in order: header fields in lower case, and derived ones such as
   * `@method`.
   */
  readonly components: readonly string[];
  /** The inner list with its parameters as sent: the value of `@signature-params`. */
  readonly parameters: string;
  /** Unix time in seconds. */
  readonly created: number | undefined;
  readonly expires: number | undefined;
  readonly nonce: string | undefined;
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  readonly signature: Buffer;
}

const LABEL = '[a-z*][a-z0-9_.*-]{0,63}';
const INPUT = new RegExp(
  `^(${LABEL})=(\\(("[a-z0-9@-]{1,64}"(?: "[a-z0-9@-]{1,64}")*)\\)((?:;[a-z]{1,16}=(?:\\d{1,12}|"[^"\\\\]{0,200}"))*))$`,
);
const SIGNATURE = new RegExp(`^(${LABEL})=:([A-Za-z0-9+/]{86}==):$`);

/** The parameters of RFC 9421 §2.3 and the form of each. */
const FORMS: Readonly<Record<string, RegExp>> = {
  created: /^(?:0|[1-9]\d*)$/,
  expires: /^(?:0|[1-9]\d*)$/,
  nonce: /^"[\x21-\x7e]+"$/,
  keyid: /^"[\x20-\x7e]*"$/,
  alg: /^"[\x20-\x7e]*"$/,
  tag: /^"[\x20-\x7e]*"$/,
};

/** Returns `undefined` unless the headers state exactly one signature in the form above. */
export function statedSignature(input: unknown, signature: unknown): StatedSignature | undefined {
  if (typeof input !== 'string' || typeof signature !== 'string') return undefined;
  const [, label, parameters = '', list = '', tail = ''] = INPUT.exec(input) ?? [];
  const [, signedLabel, encoded = ''] = SIGNATURE.exec(signature) ?? [];
  if (label === undefined || label !== signedLabel) return undefined;
  const components = list.split(' ').map((name) => name.slice(1, -1));
  const values = parametersOf(tail);
  const hasRepeats = new Set(components).size !== components.length;
  if (hasRepeats || values === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Any other encoding of the same bytes is not canonical (RFC 4648 §3.5).
  if (bytes.toString('base64') !== encoded) return undefined;
  return {
    components,
    parameters,
    created: numberOf(values.get('created')),
    expires: numberOf(values.get('expires')),
    nonce: textOf(values.get('nonce')),
    keyId: textOf(values.get('keyid')),
    algorithm: textOf(values.get('alg')),
    signature: bytes,
  };
}

/**
 * Returns `undefined` when a parameter is repeated, unknown to the RFC or malformed: an unread
 * parameter must not count as absent.
 */
function parametersOf(tail: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of tail.matchAll(/;([a-z]+)=(\d+|"[^"]*")/g)) {
    if (values.has(name) || FORMS[name]?.test(value) !== true) return undefined;
    values.set(name, value);
  }
  return values;
}

function numberOf(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function textOf(value: string | undefined): string | undefined {
  return value?.slice(1, -1);
}
