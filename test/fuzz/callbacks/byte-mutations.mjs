// What can be done to a callback’s bytes, and to those of its ciphertext.
import { AMOUNTS, CODES, NAMES } from './field-mutations.mjs';

const BLOCK = 16;

const flipped = (bytes, random) => {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.below(copy.length)] ^= 1 << random.below(8);
  return copy;
};
const cut = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));
const spliced = (bytes, random, other) =>
  Buffer.concat([cut(bytes, random), other.subarray(random.below(other.length + 1))]);
const nothing = Buffer.alloc(0);

/** They change the bytes of the body; `other` is another body. */
export const BYTE_MUTATIONS = {
  flipped,
  cut,
  spliced,
  twice: (bytes) => Buffer.concat([bytes, bytes]),
  trailing: (bytes, random) =>
    Buffer.concat([
      bytes,
      Buffer.from(random.pick(['}', '\u0000', '&order_status=1', ',', '\ufeff'])),
    ]),
  duplicateName: (bytes, random) => {
    const [name, value] = [random.pick(NAMES), random.pick([...CODES, ...AMOUNTS])];
    const text = bytes.toString();
    return Buffer.from(
      text.startsWith('{')
        ? text.replace(/\}$/, `,"${name}":"${value}"}`)
        : `${text}&${name}=${value}`,
    );
  },
  escapes: (bytes, random) =>
    Buffer.from(
      bytes
        .toString()
        .replace(/":"/, `":"${random.pick(['\\ud83c', '\\u0000', '\\x', '%E0%A4%A'])}`),
    ),
  noise: (_, random) =>
    Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256))),
  deepText: (_, random) => Buffer.from('{"a":'.repeat(random.pick([40, 5_000, 12_000]))),
  empty: () => nothing,
  otherEncoding: (bytes) => Buffer.from(bytes.toString(), 'utf16le'),
};

const blocksOf = (bytes) =>
  Array.from({ length: Math.ceil(bytes.length / BLOCK) }, (_, at) =>
    bytes.subarray(at * BLOCK, (at + 1) * BLOCK),
  );
const onBlocks = (change) => (bytes, random, other) => {
  const blocks = blocksOf(bytes);
  change(blocks, random, blocksOf(other));
  return Buffer.concat(blocks);
};

/** They change a ciphertext; `other` is another one under the same or another key. */
export const CIPHER_MUTATIONS = {
  flipped,
  cut,
  spliced,
  swapped: onBlocks((blocks, random) => {
    const [one, two] = [random.below(blocks.length), random.below(blocks.length)];
    [blocks[one], blocks[two]] = [blocks[two], blocks[one]];
  }),
  dropped: onBlocks((blocks, random) => blocks.splice(random.below(blocks.length), 1)),
  repeated: onBlocks((blocks, random) => {
    const at = random.below(blocks.length);
    blocks.splice(at, 0, blocks[at]);
  }),
  blockOfAnother: onBlocks((blocks, random, others) => {
    blocks[random.below(blocks.length)] = random.pick(others) ?? nothing;
  }),
  tailOfAnother: onBlocks((blocks, random, others) => {
    const at = random.below(blocks.length);
    blocks.splice(at, blocks.length, ...others.slice(at));
  }),
};
