// Shows how far an import is: a bar that is drawn again in place on a terminal, a line for each
// tenth elsewhere.
import type { BatchOutcome } from '@quittance/client';
import type { CliHost } from '../open-operator.js';

const WIDTH = 30;
const DRAW_EVERY_MS = 100;
const STEPS = 10;

export class ProgressBar {
  readonly #host: CliHost;
  readonly #rows: number;
  #done: number;
  #refused: number;
  #drawnAt = 0;
  #shownSteps: number;

  /** `done` of `rows` were done before, and `refused` of those were refused. */
  constructor(
    host: CliHost,
    {
      rows,
      done,
      refused,
    }: { readonly rows: number; readonly done: number; readonly refused: number },
  ) {
    this.#host = host;
    this.#rows = rows;
    this.#done = done;
    this.#refused = refused;
    this.#shownSteps = this.#steps();
  }

  count({ error }: BatchOutcome): void {
    this.#done += 1;
    if (error) this.#refused += 1;
    if (this.#host.isTerminal) this.#draw();
    else this.#tell();
  }

  /** Draws the last state. Call it once, also when the import broke off. */
  end(): void {
    if (this.#host.isTerminal) this.#host.remark(`${this.#line()}\n`);
  }

  #draw(): void {
    if (performance.now() - this.#drawnAt < DRAW_EVERY_MS) return;
    this.#drawnAt = performance.now();
    this.#host.remark(this.#line());
  }

  #tell(): void {
    if (this.#steps() === this.#shownSteps) return;
    this.#shownSteps = this.#steps();
    this.#host.remark(`${this.#text()}\n`);
  }

  #line(): string {
    const filled = Math.round((this.#done / this.#rows) * WIDTH);
    return `\r[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${this.#text()}`;
  }

  #text(): string {
    const percent = Math.floor((this.#done / this.#rows) * 100);
    return `${percent} %: ${this.#done} of ${this.#rows} rows, ${this.#refused} refused`;
  }

  #steps(): number {
    return Math.floor((this.#done / this.#rows) * STEPS);
  }
}
