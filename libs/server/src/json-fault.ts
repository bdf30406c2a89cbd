// Finds the place at which a text stops being JSON (RFC 8259), because the messages of JSON.parse
// quote the text, and most of them name no place.

/** A place in a text, both counted from 1. A column is a UTF-16 unit, as in most editors. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Returns the place of the first fault; `undefined` if the text is JSON. */
export function jsonFault(text: string): TextPlace | undefined {
  const scan = new JsonScan(text);
  if (scan.takesDocument()) return undefined;
  const before = text.slice(0, scan.at);
  const line = before.split('\n').length;
  return { line, column: scan.at - before.lastIndexOf('\n') };
}

const SPACE = /[ \t\n\r]*/y;
/** In quotes: anything but control characters, quotes and backslashes, or an escape. */
const TEXT = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/** Reads a text from its start; `at` is the place of the first token that does not fit. */
class JsonScan {
  at = 0;

  constructor(private readonly text: string) {}

  takesDocument(): boolean {
    return this.#takesValue() && this.at === this.text.length;
  }

  /** Takes a value and the space around it. The depth of the text has been limited before. */
  #takesValue(): boolean {
    this.#takes(SPACE);
    const isTaken = this.#takesMark('{')
      ? this.#takesEntries('}', () => this.#takesMember())
      : this.#takesMark('[')
        ? this.#takesEntries(']', () => this.#takesValue())
        : this.#takes(TEXT) || this.#takes(NUMBER) || this.#takes(WORD);
    if (isTaken) this.#takes(SPACE);
    return isTaken;
  }

  #takesEntries(end: string, takesEntry: () => boolean): boolean {
    this.#takes(SPACE);
    if (this.#takesMark(end)) return true;
    do {
      if (!takesEntry()) return false;
    } while (this.#takesMark(','));
    return this.#takesMark(end);
  }

  #takesMember(): boolean {
    this.#takes(SPACE);
    if (!this.#takes(TEXT)) return false;
    this.#takes(SPACE);
    return this.#takesMark(':') && this.#takesValue();
  }

  #takesMark(mark: string): boolean {
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  #takes(token: RegExp): boolean {
    token.lastIndex = this.at;
    if (!token.test(this.text)) return false;
    this.at = token.lastIndex;
    return true;
  }
}
