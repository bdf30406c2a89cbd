// One calm line per step, with its time. On a terminal the line is rewritten while the step runs;
// in a log every line is written once, and a long step says from time to time that it is still at
// work.
const NAME_WIDTH = 14;
const DETAIL_WIDTH = 66;
const STILL_RUNNING_EVERY_MS = 15_000;
const onTerminal = process.stdout.isTTY && process.env['CI'] === undefined;
const REWRITE = onTerminal ? '\r\u001b[2K' : '';

/** A plain line below the steps. */
export function tell(text = '') {
  process.stdout.write(`${text}\n`);
}

/**
 * A heading above a group of steps.
 * @param {string} text
 */
export const heading = (text) => tell(`\n${text}\n`);

/**
 * Runs one step and shows it. `work` calls `say` with what it is doing; the last text stays.
 * @type {<T>(name: string, work: (say: (detail: string) => void) => Promise<T>) => Promise<T>}
 */
export async function step(name, work) {
  const startedAt = Date.now();
  let detail = '';
  /** @type {(text: string, time?: string) => string} */
  const line = (text, time = `${((Date.now() - startedAt) / 1000).toFixed(1)} s`) =>
    `  ${name.padEnd(NAME_WIDTH)} ${text.padEnd(DETAIL_WIDTH)} ${time.padStart(7)}`.trimEnd();
  const show = () => onTerminal && process.stdout.write(REWRITE + line(detail || '…', ''));
  const reminder = setInterval(() => {
    if (!onTerminal) tell(line(`${detail || 'working'} …`));
  }, STILL_RUNNING_EVERY_MS);
  show();
  try {
    const result = await work((text) => {
      detail = text;
      show();
    });
    tell(REWRITE + line(detail || 'done'));
    return result;
  } catch (error) {
    tell(REWRITE + line('failed'));
    throw error;
  } finally {
    clearInterval(reminder);
  }
}
