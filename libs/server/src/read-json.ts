// Parses JSON that a caller sent: the body of a request, or the content of a signature. It is
// stricter than `JSON.parse`, which replaces bytes that are not UTF-8 and creates members named
// `__proto__`.
import { isUtf8 } from 'node:buffer';
import { InvalidRequest } from '@quittance/platform';
import { jsonFault } from './json-fault.js';

/**
 * Our deepest request has three levels. Code that walks a value level by level must never meet
 * thousands.
 */
const JSON_DEPTH_MAX = 20;

const BYTE_ORDER_MARK = '\uFEFF';

/** Every spelling of the two names has one of these. */
const MAY_NAME_PROTOTYPE = /__proto__|constructor|\\u/;

/**
 * Parses bytes as JSON, at most 20 levels deep; one byte order mark is ignored. Throws
 * `unreadable_request` (400).
 */
export function readJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw unreadable('The body holds bytes that are not UTF-8 (RFC 8259 §8.1).');
  const text = Buffer.from(bytes).toString('utf8');
  if (nestsDeeperThan(text, JSON_DEPTH_MAX)) {
    throw unreadable(`The body nests deeper than ${JSON_DEPTH_MAX} levels.`);
  }
  const json = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  try {
    return parse(json);
  } catch {
    throw unreadable(reasonOf(json));
  }
}

/** Names the place and repeats nothing of the text, which may contain a card. */
function reasonOf(json: string): string {
  const fault = jsonFault(json);
  if (!fault) return 'The body has a member that names a prototype, such as __proto__.';
  return `The body is not JSON: line ${fault.line}, column ${fault.column} does not continue it.`;
}

function unreadable(detail: string): InvalidRequest {
  return new InvalidRequest('unreadable_request', detail, { status: 400 });
}

function parse(text: string): unknown {
  return MAY_NAME_PROTOTYPE.test(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text);
}

/** Rejects members that would change the prototype of the object they are copied to. */
function withoutPrototype(name: string, value: unknown): unknown {
  const isConstructor = name === 'constructor' && typeof value === 'object' && value !== null;
  if (name === '__proto__' || (isConstructor && Object.hasOwn(value, 'prototype'))) {
    throw new SyntaxError('a member names a prototype');
  }
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True when `text`, if it is JSON, nests arrays and objects deeper than `levels`. Linear in the
 * length of the text.
 */
export function nestsDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (isInText) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) isInText = false;
    } else if (character === QUOTE) {
      isInText = true;
    } else if (isOpening(character)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (isClosing(character)) {
      depth -= 1;
    }
  }
  return false;
}

/** True for `[` and `{`, which differ in one bit. */
function isOpening(character: number): boolean {
  return (character | 0x20) === 0x7b;
}

/** True for `]` and `}`. */
function isClosing(character: number): boolean {
  return (character | 0x20) === 0x7d;
}
