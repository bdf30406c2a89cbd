// Decodes the bytes of replies and callbacks to text, in one place for all of the gateway's
// messages. Its servers put byte order marks before their JSON, and declare wrong charsets or none.
// Every identity and number on the wire is ASCII, on which all these decodings agree. They differ
// only in texts for people, so that no reply is lost for an umlaut.

/** A byte order mark outranks a content type (WHATWG Encoding §6.1). */
const MARKED: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;
/** Decodes every byte to a character. */
const LAST_RESORT = 'latin1';

/**
 * Decodes a body by its byte order mark, else by the charset that `contentType` declares, else as
 * UTF-8. Bytes that do not match the declaration, or declare an unknown charset, are decoded as if
 * undeclared, and as Latin-1 if they are not UTF-8. The mark is removed, as RFC 8259 §8.1 allows.
 * Never throws.
 */
export function textOfBytes(bytes: Uint8Array, contentType: string | undefined): string {
  const [, named] = CHARSET.exec(contentType ?? '') ?? [];
  for (const encoding of [markOf(bytes), named, 'utf-8', LAST_RESORT]) {
    const text = encoding === undefined ? undefined : decoded(bytes, encoding);
    if (text !== undefined) return text;
  }
  return '';
}

function markOf(bytes: Uint8Array): string | undefined {
  return MARKED.find(([mark]) => mark.every((byte, at) => bytes[at] === byte))?.[1];
}

/** Undefined when there is no such encoding, or the bytes do not match it. */
function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    // Every message of the gateway contains ASCII, and ASCII in UTF-16 has zero bytes.
    const isOtherwise = decoder.encoding.startsWith('utf-16') && !bytes.includes(0);
    return isOtherwise ? undefined : decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
