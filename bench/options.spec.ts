import { readOptions } from './options.js';

const DEFAULTS = { payments: 5000, connections: 64, rounds: 4, warmUp: 5000, calls: 200 };

/** The exit code of a refused command line, and its complaint. */
function refusalOf(args: readonly string[]): { code: unknown; written: string } {
  const { stderr } = process;
  const [exit, write] = [process.exit.bind(process), stderr.write.bind(stderr)];
  let [code, written]: [unknown, string] = [undefined, ''];
  process.exit = (given): never => {
    code = given;
    throw new Error('exit');
  };
  stderr.write = (text: unknown) => {
    written += String(text);
    return true;
  };
  try {
    readOptions(args);
  } catch {
    // It would have ended.
  } finally {
    process.exit = exit;
    stderr.write = write;
  }
  return { code, written };
}

it('has a default for each number', () => {
  expect(readOptions([])).toEqual(DEFAULTS);
});

it('reads numbers and switches', () => {
  const options = readOptions(['--guarded', '--rounds', '2', '--statements', '--json']);
  expect(options).toEqual({ ...DEFAULTS, rounds: 2, guarded: true, statements: true, json: true });
  expect(readOptions(['--usual'])).toEqual({ ...DEFAULTS, usual: true });
});

it('reads the backlog of the other merchant in a lane', () => {
  expect(readOptions(['--lanes', '6000'])).toEqual({ ...DEFAULTS, lanes: 6000 });
  expect(readOptions(['--lanes', '9', '--unreachable'])).toEqual({
    ...DEFAULTS,
    lanes: 9,
    unreachable: true,
  });
});

it.each([
  [['--payments', '0'], '--payments'],
  [['--rounds', '1.5'], '--rounds'],
  [['--connections', 'many'], '--connections'],
  [['--fast'], '--fast'],
])('refuses %j with the usage', (args, named) => {
  const { code, written } = refusalOf(args);
  expect(code).toBe(1);
  expect(written).toContain(named);
  expect(written).toContain('npm run bench');
});
