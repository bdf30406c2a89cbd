// The inputs of a run: fast-check draws them from the seed and shrinks the first one with a
// problem. A seed and a path of fast-check name one input, so that it can be sent again alone.
import fc from 'fast-check';
import type { AppName } from '../../tools/stack/apps.js';
import { inParallel } from '../chaos/waiting.js';
import type { ProcessWatch } from './oracles/processes.js';

/** To draw input n takes n steps, so inputs are drawn in few and large pieces. */
const PIECE = 5_000;
const SAY_EVERY = 1_000;
const PROBLEMS_MAX = 20;
const SHRINK_LIMIT_MS = 60_000;
const SHOWN_CHARACTERS = 2_000;
/** Caches fill and code is compiled until then. */
const WARM_UP_SHARE = 0.3;

/** Something to send; `kinds` names the faults or mutations in it. */
export type Input = { readonly kinds: readonly string[] };
/** An answer: its status or the way it failed to come, its time, and what is wrong with it. */
export type Judged = { status: number | string; ms: number; problems: readonly string[] };
type Counts = Record<string, number>;
export type Say = (detail: string) => void;

export interface InputSource<T extends Input> {
  readonly noun: string;
  readonly arbitrary: fc.Arbitrary<T>;
  readonly seed: number;
  /** The number in flight at a time. */
  readonly width: number;
  /** Sends one; `serial` is its number, or for repetitions while shrinking a higher one. */
  readonly judge: (input: T, serial: number) => Promise<Judged>;
  readonly show: (input: T) => string;
  /** The processes whose memory is watched. */
  readonly watched: readonly AppName[];
}

/** Counts what is sent of one source. */
export class Inputs<T extends Input> {
  /** Inputs by status and by kind of fault or mutation, and the slowest answer. */
  readonly figures = { statuses: {} as Counts, kinds: {} as Counts, slowestMs: 0 };
  readonly problems: string[] = [];
  #offender: { readonly index: number; readonly problem: string } | undefined;
  readonly #source: InputSource<T>;

  constructor(source: InputSource<T>) {
    this.#source = source;
  }

  /** The inputs from number `from` on. */
  drawn(from: number, count: number): T[] {
    const { arbitrary, seed } = this.#source;
    return fc.sample(arbitrary, { seed: seed | 0, path: String(from), numRuns: count });
  }

  /** Sends inputs 0 to `count`, or the one at `path` alone; shrinks the first with a problem. */
  async play(
    count: number,
    path: string | undefined,
    processes: Pick<ProcessWatch, 'memory'>,
    say: Say,
  ) {
    const { watched } = this.#source;
    const warm = Math.floor(count * WARM_UP_SHARE);
    const startedAt = performance.now();
    await this.#send(0, warm, say);
    const before = await processes.memory(watched);
    await this.#send(warm, count, say);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await processes.memory(watched);
    const sendAgain = async (input: T) => (await this.sendOne(input, count)).problems.length === 0;
    if (path !== undefined) await this.#check(path, sendAgain, { endOnFailure: true });
    else await this.#shrink(count);
    return {
      sent: count,
      perSecond: Math.round(count / seconds),
      memory: [before, after] as const,
    };
  }

  async #send(from: number, to: number, say: Say): Promise<void> {
    const { noun, width } = this.#source;
    for (let at = from; at < to; at += PIECE) {
      await inParallel(this.drawn(at, Math.min(PIECE, to - at)), width, async (input, offset) => {
        if ((at + offset) % SAY_EVERY === 0) say(`${noun} ${at + offset}`);
        await this.sendOne(input, at + offset);
      });
    }
  }

  /** Sends one input and counts its answer. */
  async sendOne(input: T, serial: number): Promise<Judged> {
    const judged = await this.#source.judge(input, serial);
    const { status, ms, problems } = judged;
    const { statuses, kinds } = this.figures;
    statuses[status] = (statuses[status] ?? 0) + 1;
    for (const kind of input.kinds) kinds[kind] = (kinds[kind] ?? 0) + 1;
    this.figures.slowestMs = Math.max(this.figures.slowestMs, Math.round(ms));
    if (problems[0] !== undefined) this.#offender ??= { index: serial, problem: problems[0] };
    const name = `${this.#source.noun} ${serial} (${input.kinds.join(' ') || 'no fault'})`;
    if (this.problems.length < PROBLEMS_MAX)
      this.problems.push(...problems.map((problem) => `${name}: ${problem}`));
    return judged;
  }

  /** Adds the smallest input that still has the first problem, with its path. */
  async #shrink(serial: number): Promise<void> {
    if (this.#offender === undefined) return;
    const { judge, noun, show } = this.#source;
    const { index, problem } = this.#offender;
    let next = serial;
    const isRid = async (input: T) => !(await judge(input, next++)).problems.includes(problem);
    const limit = { interruptAfterTimeLimit: SHRINK_LIMIT_MS };
    const found = await this.#check(String(index), isRid, limit);
    const [input] = found.counterexample ?? [];
    const kinds = input?.kinds.join(' ') || 'no fault';
    this.problems.push(
      input === undefined
        ? `${noun} ${index} did not show "${problem}" a second time`
        : `the smallest ${noun} with "${problem}" (${kinds}) is ${show(input)}, ` +
            `to replay with --path ${noun}s:${found.counterexamplePath}`,
    );
  }

  #check(path: string, holds: (input: T) => Promise<boolean>, parameters: fc.Parameters<[T]>) {
    const { arbitrary, seed } = this.#source;
    const property = fc.asyncProperty(arbitrary, holds);
    return fc.check(property, { seed: seed | 0, path, numRuns: 1, ...parameters });
  }
}

/** `arbitrary` in one of `times` draws, else undefined, which is also what it shrinks to. */
export const rarely = <T>(arbitrary: fc.Arbitrary<T>, times: number): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: times - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );

/** A change with its name, such as `header.noType`. */
export type Named<Change> = { readonly name: string; readonly change: Change };
/** Changes by name; each is drawn with what it needs. */
export type Changes<Change> = Readonly<Record<string, fc.Arbitrary<Change>>>;

/** Any change of a table; all are equally likely. */
export const anyOf = <C>(group: string, table: Changes<C>): fc.Arbitrary<Named<C>> =>
  fc.oneof(
    ...Object.entries(table).map(([name, changes]) =>
      changes.map((change) => ({ name: `${group}.${name}`, change })),
    ),
  );

/** The names of those that were drawn. */
export const namesOf = (drawn: Readonly<Record<string, { name: string } | undefined>>): string[] =>
  Object.values(drawn).flatMap((one) => one?.name ?? []);
export type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** Bytes on one line, without unprintable characters and without keys. */
export function shown(bytes: Buffer): string {
  const text = bytes
    .toString('latin1')
    .replaceAll(/(authorization: bearer |"private_key":")[^\r"]+/gi, '$1***');
  const left = text.length - SHOWN_CHARACTERS;
  const line = JSON.stringify(text.slice(0, SHOWN_CHARACTERS));
  return left > 0 ? `${line} and ${left} bytes more` : line;
}
