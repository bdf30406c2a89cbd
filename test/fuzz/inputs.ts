// The inputs of a run: fast-check draws them from the seed and shrinks the first one with a
// problem. A seed and a path of fast-check name one input, so that it can be sent again alone.
import fc from 'fast-check';
import type { AppName } from '../../tools/stack/apps.js';
import { inParallel } from '../chaos/waiting.js';
import { memoryProblems } from './oracles/processes.js';
import type { PartOptions } from './part.js';

/** To draw input n takes n steps, so inputs are drawn in few and large pieces. */
const PIECE = 5_000;
const PROBLEMS_MAX = 20;
const SHRINK_LIMIT_MS = 60_000;
const SHOWN_CHARACTERS = 2_000;
/** Caches fill and code is compiled until then. */
const WARM_UP_SHARE = 0.3;

/** Something to send; `kinds` names the faults or mutations in it. */
export type Input = { readonly kinds: readonly string[] };
/** An answer: its status or the way it failed to come, its time, and what is wrong with it. */
export type Judged = { status: number | string; ms: number; problems: readonly string[] };

type RunOptions = Pick<PartOptions, 'seed' | 'count' | 'path' | 'processes' | 'say'>;
export interface InputSource<T extends Input> extends RunOptions {
  readonly noun: string;
  readonly arbitrary: fc.Arbitrary<T>;
  /** The number in flight at a time. */
  readonly width: number;
  /** Sends one; `serial` is its number, or for repetitions while shrinking a higher one. */
  readonly judge: (input: T, serial: number) => Promise<Judged>;
  readonly show: (input: T) => string;
  /** The processes whose memory is watched. */
  readonly watched: readonly AppName[];
}

/** The inputs of one source. */
export class Inputs<T extends Input> {
  readonly figures: Record<string, string | number> = {};
  readonly problems: string[] = [];
  readonly #source: InputSource<T>;
  readonly #kinds = new Set<string>();
  #slowestMs = 0;
  #offender: { readonly index: number; readonly problem: string } | undefined;

  constructor(source: InputSource<T>) {
    this.#source = source;
  }

  /**
   * Sends inputs 0 to `count`, or the one at `path` alone, and shrinks the first with a problem.
   * Resolves with the problems of the memory.
   */
  async play(): Promise<string[]> {
    const { count, path, processes, watched } = this.#source;
    const warm = Math.floor(count * WARM_UP_SHARE);
    const startedAt = performance.now();
    await this.#send(0, warm);
    const before = await processes.memory(watched);
    await this.#send(warm, count);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await processes.memory(watched);
    if (path !== undefined)
      await this.#check(path, (input) => this.sendOne(input, count), { endOnFailure: true });
    else if (this.#offender !== undefined) await this.#shrink(this.#offender);
    this.figures['sent'] = count;
    this.figures['a second'] = Math.round(count / seconds);
    this.figures['kinds of faults, mutations'] = this.#kinds.size;
    this.figures['slowest answer, ms'] = this.#slowestMs;
    for (const [at, { name, heapMb }] of before.entries())
      this.figures[`live heap of ${name}`] = `${heapMb} to ${after[at]?.heapMb} MB`;
    return memoryProblems(before, after);
  }

  async #send(from: number, to: number): Promise<void> {
    const { noun, width, arbitrary, seed, say } = this.#source;
    for (let at = from; at < to; at += PIECE) {
      say(`${noun} ${at}`);
      const piece = { seed: seed | 0, path: String(at), numRuns: Math.min(PIECE, to - at) };
      const send = (input: T, offset: number) => this.sendOne(input, at + offset);
      await inParallel(fc.sample(arbitrary, piece), width, send);
    }
  }

  /** Sends one input and counts its answer; resolves with whether all is well. */
  async sendOne(input: T, serial = this.#source.count): Promise<boolean> {
    const { status, ms, problems } = await this.#source.judge(input, serial);
    const { figures } = this;
    figures[`answered ${status}`] = Number(figures[`answered ${status}`] ?? 0) + 1;
    this.#slowestMs = Math.max(this.#slowestMs, Math.round(ms));
    for (const kind of input.kinds) this.#kinds.add(kind);
    const [problem] = problems;
    if (problem === undefined) return true;
    this.#offender ??= { index: serial, problem };
    const name = `${this.#source.noun} ${serial} (${kindsOf(input)})`;
    if (this.problems.length < PROBLEMS_MAX)
      this.problems.push(...problems.map((what) => `${name}: ${what}`));
    return false;
  }

  /** Adds the smallest input that still has the problem, with its path. */
  async #shrink({ index, problem }: { index: number; problem: string }) {
    const { judge, noun, show, count } = this.#source;
    let next = count;
    const isRid = async (input: T) => !(await judge(input, next++)).problems.includes(problem);
    const limit = { interruptAfterTimeLimit: SHRINK_LIMIT_MS };
    const { counterexample, counterexamplePath } = await this.#check(String(index), isRid, limit);
    const [input] = counterexample ?? [];
    this.problems.push(
      input === undefined
        ? `${noun} ${index} did not show "${problem}" a second time`
        : `the smallest ${noun} with "${problem}" (${kindsOf(input)}) is ${show(input)}, ` +
            `to replay with --path ${noun}s:${counterexamplePath}`,
    );
  }

  #check(path: string, holds: (input: T) => Promise<boolean>, parameters: fc.Parameters<[T]>) {
    const { arbitrary, seed } = this.#source;
    const property = fc.asyncProperty(arbitrary, holds);
    return fc.check(property, { seed: seed | 0, path, numRuns: 1, ...parameters });
  }
}

const kindsOf = ({ kinds }: Input) => kinds.join(' ') || 'no fault';

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
export const namesOf = (drawn: readonly ({ name: string } | undefined)[]): string[] =>
  drawn.flatMap((one) => one?.name ?? []);
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
