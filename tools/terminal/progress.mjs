// One calm line per step, with its time. On a terminal the line is rewritten while the step runs;
// in a log every line is written once, and a long step says from time to time that it is still at
// work.
const NAME_WIDTH = 14;
const DETAIL_WIDTH = 66;
const STILL_RUNNING_EVERY_MS = 15_000;
const onTerminal = process.stdout.isTTY && process.env['CI'] === undefined;

/** @param {string} text */
const dim = (text) => (onTerminal ? `\u001b[2m${text}\u001b[22m` : text);
/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
/** @param {string} text */
const write = (text) => process.stdout.write(text);

/**
 * @param {string} name
 * @param {string} detail
 * @param {string} time
 */
function line(name, detail, time) {
  return `  ${name.padEnd(NAME_WIDTH)} ${detail.padEnd(DETAIL_WIDTH)} ${time.padStart(7)}`.trimEnd();
}

/**
 * A heading above a group of steps.
 * @param {string} text
 */
export function heading(text) {
  write(`\n${text}\n\n`);
}

/** A plain line below the steps. */
export function tell(text = '') {
  write(`${text}\n`);
}

/**
 * Runs one step and shows it. `work` calls `say` with what it is doing; the last text stays.
 * @type {<T>(name: string, work: (say: (detail: string) => void) => Promise<T>) => Promise<T>}
 */
export async function step(name, work) {
  const startedAt = Date.now();
  let detail = '';
  const elapsed = () => seconds(Date.now() - startedAt);
  const show = () => onTerminal && write(`\r\u001b[2K${line(name, detail || '…', '')}`);
  /** @param {string} text */
  const say = (text) => {
    detail = text;
    show();
  };
  const reminder = setInterval(() => {
    if (!onTerminal) tell(line(name, `${detail || 'working'} …`, elapsed()));
  }, STILL_RUNNING_EVERY_MS);
  show();
  try {
    const result = await work(say);
    write(`${onTerminal ? '\r\u001b[2K' : ''}${line(name, detail || 'done', dim(elapsed()))}\n`);
    return result;
  } catch (error) {
    write(`${onTerminal ? '\r\u001b[2K' : ''}${line(name, 'failed', elapsed())}\n`);
    throw error;
  } finally {
    clearInterval(reminder);
  }
}
