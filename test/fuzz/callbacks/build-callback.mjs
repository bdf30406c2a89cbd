// One callback out of the real ones and the seed. Each has chance of its own.
import { randomOf } from '../requests/build-request.mjs';
import { BYTE_MUTATIONS, CIPHER_MUTATIONS } from './byte-mutations.mjs';
import { FIELD_MUTATIONS } from './field-mutations.mjs';
import { enveloped, otherType, oversized, SPELLINGS } from './spellings.mjs';
import { JSON_TYPE } from './wire.mjs';

/** Another stream of chance than the requests'. */
const STREAM = 0x5bd1e995;
const UNTOUCHED_ONE_IN = 40;
/** What the server says it takes. */
const BODY_BYTES_MAX = 64 * 1024;
const OVERSIZED_ONE_IN = 200;
const OTHER_TYPE_ONE_IN = 6;
const RIGHT_TOKEN_SHARE = 0.6;

export class CallbackBuilder {
  #subjects;
  #settled;
  #seed;

  /** @param {import('./subjects.mjs').Subject[]} subjects */
  constructor(subjects, seed) {
    this.#subjects = subjects;
    this.#settled = subjects.filter(({ real }) => real);
    this.#seed = (seed ^ STREAM) >>> 0;
  }

  /** Callback number `index`: where it goes, what it is, and what was done to it. */
  build(index) {
    const random = randomOf(this.#seed, index);
    if (random.below(UNTOUCHED_ONE_IN) === 0) return untouched(random.pick(this.#settled));
    const subject = random.pick(this.#subjects);
    const other = random.pick(this.#subjects);
    const made = this.#body(subject, other, random);
    if (random.below(OTHER_TYPE_ONE_IN) === 0) made.contentType = otherType(random);
    if (random.below(OVERSIZED_ONE_IN) === 0) made.body = oversized(made.body, random);
    const isTooLarge = made.body.length > BODY_BYTES_MAX;
    // Forged to perfection too, under the terminal's own key: none of them may move a payment.
    const isRight = random.next() < RIGHT_TOKEN_SHARE;
    const path = isRight ? pathOf(subject) : wrongPath(subject, other, random);
    return { ...made, path, isRight, isTooLarge, subjectId: subject.id };
  }

  #body(subject, other, random) {
    const done = [];
    const noted = (group, all) => {
      const name = random.pick(Object.keys(all));
      done.push(`${group}.${name}`);
      return all[name];
    };
    const isReal = subject.real !== undefined && random.below(3) === 0;
    if (isReal) {
      const body = noted('bytes', BYTE_MUTATIONS)(subject.real.body, random, bodyOf(other));
      return { contentType: subject.real.contentType, body, done };
    }
    const fields = structuredClone(subject.fields);
    for (let count = random.below(3); count > 0; count -= 1)
      noted('fields', FIELD_MUTATIONS)(fields, random, other);
    const { terminal } = subject;
    const spelling = noted('spelling', SPELLINGS)(fields, terminal);
    if (!spelling.cipher) return { ...this.#spoiltText(spelling, other, random, noted), done };
    const { cipher: otherCipher } = SPELLINGS.encryptedJson(other.fields, other.terminal);
    const cipher =
      random.below(3) > 0
        ? noted('cipher', CIPHER_MUTATIONS)(spelling.cipher, random, otherCipher)
        : spelling.cipher;
    return { ...enveloped(cipher, terminal, random), done };
  }

  #spoiltText({ contentType, body }, other, random, noted) {
    if (random.below(2) === 0) return { contentType, body };
    return { contentType, body: noted('bytes', BYTE_MUTATIONS)(body, random, bodyOf(other)) };
  }
}

const bodyOf = ({ real, fields }) => real?.body ?? Buffer.from(JSON.stringify(fields));
const pathOf = ({ id, token }) => `/callbacks/${id}.${token}`;

/** The real one as it came. */
export function untouched(subject) {
  const { contentType = JSON_TYPE, body } = subject.real;
  return {
    path: pathOf(subject),
    contentType,
    body,
    done: ['untouched'],
    isRight: true,
    isTooLarge: false,
    subjectId: subject.id,
  };
}

function wrongPath(subject, other, random) {
  const { id, token } = subject;
  const at = random.below(token.length);
  const changed = token[at] === 'A' ? 'B' : 'A';
  return `/callbacks/${random.pick([
    `${id}.${token.slice(0, at)}${changed}${token.slice(at + 1)}`,
    `${id}.${token.slice(0, at) || 'A'}`,
    `${id}.${token}${'A'.repeat(1 + random.below(40))}`,
    `${id}.${other.id === id ? `${token}A` : other.token}`,
    `${id.toUpperCase()}.${token}`,
    `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}.${token}`,
    `${id}.`,
    `.${token}`,
    `${id}.${'A'.repeat(random.pick([43, 100, 101, 3_000]))}`,
    '__proto__',
    `${id}.${token}%00`,
  ])}`;
}
