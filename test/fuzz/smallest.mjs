// Makes an offending input small: parts are left away as long as the offence stays (delta debugging, Zeller and Hildebrandt 2002).

const TRIES_MAX = 120;
/** A body longer than this is cut in pieces instead of bytes. */
const PIECES = 512;
const CRLF = '\r\n';
const HEAD_END = Buffer.from(CRLF + CRLF);

/**
 * @param {T[]} parts
 * @param {(parts: T[]) => Promise<boolean>} isBad
 * @param {{ left: number }} tries counted down
 * @returns {Promise<T[]>} what is left; nothing in it could be left away, unless the tries came to an end
 * @template T
 */
export async function smallestParts(parts, isBad, tries = { left: TRIES_MAX }) {
  let kept = parts;
  for (let size = Math.ceil(kept.length / 2); size >= 1 && kept.length > 0;) {
    let hasShrunk = false;
    for (let at = 0; at < kept.length && tries.left > 0;) {
      const fewer = kept.toSpliced(at, size);
      tries.left -= 1;
      if (await isBad(fewer)) [kept, hasShrunk] = [fewer, true];
      else at += size;
    }
    if (tries.left <= 0) return kept;
    if (size === 1 && !hasShrunk) return kept;
    size = Math.max(1, Math.floor(size / 2));
  }
  return kept;
}

const pieces = (bytes) => {
  const size = Math.max(1, Math.ceil(bytes.length / PIECES));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
};

/** The smallest body that is still bad. */
export async function smallestBody(bytes, isBad) {
  return Buffer.concat(await smallestParts(pieces(bytes), (fewer) => isBad(Buffer.concat(fewer))));
}

/** The smallest request that is still bad, given as its bytes: fewer headers, and less of the body under a length that fits. */
export async function smallestRequest(bytes, isBad) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return smallestBody(bytes, isBad);
  const [start, ...lines] = bytes.subarray(0, end).toString('latin1').split(CRLF);
  const body = bytes.subarray(end + HEAD_END.length);
  const whole = (headers, rest) => {
    const fitting = headers.map((line) =>
      line === `content-length: ${body.length}` ? `content-length: ${rest.length}` : line,
    );
    const head = [start, ...fitting].join(CRLF) + CRLF + CRLF;
    return Buffer.concat([Buffer.from(head, 'latin1'), rest]);
  };
  const headers = await smallestParts(lines, (fewer) => isBad(whole(fewer, body)));
  return whole(headers, await smallestBody(body, (rest) => isBad(whole(headers, rest))));
}

const SHOWN = 2_000;

/** Bytes for people: one line, nothing unprintable, keys left out. */
export function shown(bytes) {
  const text = bytes
    .toString('latin1')
    .replaceAll(/(authorization: bearer |"private_key":")[^\r"]+/gi, '$1***');
  const line = JSON.stringify(text.slice(0, SHOWN));
  return text.length > SHOWN ? `${line} and ${text.length - SHOWN} bytes more` : line;
}
