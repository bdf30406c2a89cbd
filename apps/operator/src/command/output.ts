// The results of a command: text for people, or with --json one JSON object per line for programs.
import { table } from './table.js';

/** A list of records. */
export interface Listing<R> {
  readonly rows: readonly R[];
  /** The columns of the table, by their titles. */
  readonly columns: Readonly<Record<string, (row: R) => string>>;
  /** The record for programs; snake_case, times as `Date`. */
  readonly json: (row: R) => object;
  /** The remark for people when there are no rows. */
  readonly none: string;
}

/** The streams of a run. Texts include their line ends. */
export interface Streams {
  /** Writes results to stdout, for scripts. */
  readonly print: (text: string) => void;
  /** Writes remarks and errors to stderr, for people. */
  readonly remark: (text: string) => void;
}

export class Output {
  constructor(
    private readonly streams: Streams,
    private readonly isJson: boolean,
  ) {}

  /** Writes one result. */
  result(text: string, json: object): void {
    this.streams.print(`${this.isJson ? jsonLine(json) : text}\n`);
  }

  /** Writes a list; for people a remark when it is empty. */
  list<R>({ rows, columns, json, none }: Listing<R>): void {
    if (this.isJson) return rows.forEach((row) => this.result('', json(row)));
    if (rows.length === 0) return this.remark(none);
    const cells = rows.map((row) => Object.values(columns).map((cell) => cell(row)));
    this.streams.print(`${table(Object.keys(columns), cells)}\n`);
  }

  /** Writes a remark for people. */
  remark(text: string): void {
    this.streams.remark(`${text}\n`);
  }
}

/** Returns the object as one line. Counters of Postgres are BigInts, and exact in JSON as texts. */
function jsonLine(value: object): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'bigint' ? member.toString() : member,
  );
}
