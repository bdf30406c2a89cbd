// Splits a stream of bytes into lines. It keeps at most one line in memory, and nothing of a line
// that is too long.

/** A line without its end, or `undefined` for one that is too long. */
export type SplitLine = Buffer | undefined;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class LineSplitter {
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  /** `bytesMax` is the longest line, without its end. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the lines that end in `chunk`. */
  push(chunk: Buffer): SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      this.#add(chunk.subarray(from, to));
      lines.push(this.#take());
      from = to + 1;
    }
    this.#add(chunk.subarray(from));
    return lines;
  }

  /** Returns the last line, if the stream did not end with the end of one. */
  end(): SplitLine[] {
    return this.#bytes === 0 ? [] : [this.#take()];
  }

  #add(part: Buffer): void {
    this.#bytes += part.length;
    // One more for a carriage return, which belongs to the end of the line.
    if (this.#bytes > this.#bytesMax + 1) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): SplitLine {
    const isTooLong = this.#bytes > this.#bytesMax + 1;
    const [only] = this.#parts;
    const whole = only && this.#parts.length === 1 ? only : Buffer.concat(this.#parts);
    const line = withoutReturn(whole);
    this.#parts = [];
    this.#bytes = 0;
    return isTooLong || line.length > this.#bytesMax ? undefined : line;
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
