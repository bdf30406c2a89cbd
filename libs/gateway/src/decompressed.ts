// Undoing a content coding that was not asked for. Servers and proxies compress all the same, and a reply is worth more than
// the rule that they break.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The content of a body with the one coding that `contentEncoding` names (RFC 9110 §8.4). Undefined when the coding is unknown, the
 * bytes are not in it, or more than `bytesMax` come out.
 */
export function decompressed(
  bytes: Buffer,
  contentEncoding: string | undefined,
  bytesMax: number,
): Buffer | undefined {
  const coding = (contentEncoding ?? '').trim().toLowerCase();
  if (coding === '' || coding === 'identity') return bytes;
  const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  try {
    return decode?.(bytes, { maxOutputLength: bytesMax });
  } catch {
    return undefined;
  }
}
