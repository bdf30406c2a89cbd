// From the bytes of a reply or a callback to its text, in one place for all that the gateway says.
// Its servers put marks before their JSON, name charsets or forget to, and name wrong ones. Every
// identity and number on the wire is ASCII, which all these readings agree on; they differ in texts
// for people only, so that no reply is lost for an umlaut.

/** A byte order mark says more than a content type (WHATWG Encoding §6.1). */
const MARKED: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;
/** Gives a character to every byte. */
const LAST_RESORT = 'latin1';

/**
 * The text of a body: by its byte order mark, else by the charset that `contentType` names, else as
 * UTF-8. Bytes that are not what they are called, or carry an unknown name, are read as if they had
 * no name; what is not UTF-8 then is read as Latin-1. The mark is left out, as RFC 8259 §8.1
 * allows. Never throws.
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

/** Undefined when there is no such encoding, or the bytes are not in it. */
function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    // Whatever the gateway says has ASCII in it, and ASCII in UTF-16 has zero bytes.
    const isOtherwise = decoder.encoding.startsWith('utf-16') && !bytes.includes(0);
    return isOtherwise ? undefined : decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
