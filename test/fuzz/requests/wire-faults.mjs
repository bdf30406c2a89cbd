// What can be wrong with a request as bytes on a connection: lengths that lie, chunks that break, requests that end early.

const CRLF = '\r\n';
const withoutLength = (draft) => {
  draft.headers = draft.headers.filter(([name]) => name.toLowerCase() !== 'content-length');
};
const lengths =
  (...values) =>
  (draft) => {
    withoutLength(draft);
    for (const value of values) draft.headers.push(['Content-Length', value]);
    draft.mayBeCut = true;
  };
/** The bytes of a whole request, changed; `isWhole` when the server can tell where the request ends. */
const wire = (change) => (draft, random) => {
  draft.onWire = (bytes) => change(bytes, random);
  draft.mayBeCut = true;
};
const chunked = (text) => (draft) => {
  withoutLength(draft);
  draft.headers.push(['Transfer-Encoding', 'chunked']);
  draft.bytes = Buffer.from(text);
  draft.mayBeCut = true;
};

function flippedAt(bytes, at, bit) {
  const flipped = Buffer.from(bytes);
  flipped[at] ^= 1 << bit;
  return flipped;
}

/** They leave a request that the server may answer, or may cut without a word. The client closes its half. */
export const WIRE_FAULTS = {
  tooShort: (draft) => lengths(String(Math.max(0, draft.bytes.length - 3)))(draft),
  tooLong: (draft) => lengths(String(draft.bytes.length + 10))(draft),
  negative: lengths('-1'),
  endless: lengths('9'.repeat(30)),
  words: lengths('ten'),
  twoLengths: (draft) => lengths(String(draft.bytes.length), String(draft.bytes.length + 1))(draft),
  hexLength: lengths('0x10'),
  noLength: (draft) => {
    withoutLength(draft);
    draft.mayBeCut = true;
  },
  lengthAndChunks: (draft) => {
    draft.headers.push(['Transfer-Encoding', 'chunked']);
    draft.mayBeCut = true;
  },
  strangeCoding: (draft) => {
    draft.headers.push(['Transfer-Encoding', 'gzip, identity']);
    draft.mayBeCut = true;
  },
  chunksBroken: chunked(`zz${CRLF}x${CRLF}`),
  chunksCut: chunked(`ff${CRLF}{"reference`),
  chunksHuge: chunked(`${'f'.repeat(20)}${CRLF}x`),
  chunksGood: (draft) =>
    chunked(`${draft.bytes.length.toString(16)};x=y${CRLF}${draft.bytes}${CRLF}0${CRLF}${CRLF}`)(
      draft,
    ),
  cutAnywhere: wire((bytes, random) => bytes.subarray(0, random.below(bytes.length))),
  twice: wire((bytes) => Buffer.concat([bytes, bytes])),
  noise: wire((_, random) =>
    Buffer.from(Array.from({ length: 1 + random.below(300) }, () => random.below(256))),
  ),
  otherVersion: wire((bytes, random) =>
    Buffer.from(
      bytes
        .toString('latin1')
        .replace('HTTP/1.1', random.pick(['HTTP/1.0', 'HTTP/9.9', 'HTTP/2.0', 'HTCPCP/1.0', ''])),
      'latin1',
    ),
  ),
  preface: wire(() => Buffer.from(`PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`)),
  bareLineFeeds: wire((bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll(CRLF, '\n'), 'latin1'),
  ),
  nulInHeader: wire((bytes) =>
    Buffer.from(bytes.toString('latin1').replace(CRLF, `${CRLF}x-nul: a\u0000b${CRLF}`), 'latin1'),
  ),
  blankInName: wire((bytes) =>
    Buffer.from(bytes.toString('latin1').replace(CRLF, `${CRLF}x y : z${CRLF}`), 'latin1'),
  ),
  folded: wire((bytes) =>
    Buffer.from(bytes.toString('latin1').replace(CRLF, `${CRLF}x-a: b${CRLF} c${CRLF}`), 'latin1'),
  ),
  noHost: wire((bytes) =>
    Buffer.from(bytes.toString('latin1').replace(/host: [^\r]+\r\n/, ''), 'latin1'),
  ),
  twoHosts: wire((bytes) =>
    Buffer.from(
      bytes.toString('latin1').replace(CRLF, `${CRLF}host: evil.example${CRLF}`),
      'latin1',
    ),
  ),
  flippedBit: (draft, random) => {
    // It may have hit the address.
    draft.isForeign = true;
    wire((bytes) => flippedAt(bytes, random.below(bytes.length), random.below(8)))(draft, random);
  },
};
