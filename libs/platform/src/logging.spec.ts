import { createLogger, describeError, type LogLevel, NestLogger } from './logging.js';

function loggerInto(lines: string[], level: LogLevel = 'info') {
  const destination = { write: (line: string) => lines.push(line) };
  return createLogger({ name: 'test', level, redact: ['pin'], destination });
}

describe('a log line', () => {
  it('is JSON with the time, the level and the name of the process', () => {
    const lines: string[] = [];
    loggerInto(lines).info({ port: 3000 }, 'listening');
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      name: 'test',
      port: 3000,
      msg: 'listening',
    });
  });

  it('does not print secret fields even when they are passed', () => {
    const lines: string[] = [];
    const fields = { token: 'hunter2', body: 'hunter2', pin: 'hunter2', headers: { a: 'hunter2' } };
    loggerInto(lines).info({ ...fields, request: { ...fields, authorization: 'hunter2' } }, 'oops');
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toContain('***');
  });

  it('is left out below the level', () => {
    const lines: string[] = [];
    loggerInto(lines, 'warn').info('hello');
    expect(lines).toEqual([]);
  });
});

describe('an error in the log', () => {
  it('has its type, code, message and frames, and nothing that a driver attached', () => {
    const error = Object.assign(new RangeError('too far'), {
      code: '23505',
      parameters: ['hunter2'],
    });
    expect(describeError(error)).toEqual({
      type: 'RangeError',
      message: 'too far',
      code: '23505',
      stack: expect.stringMatching(/^at /) as string,
    });
  });

  it('does not quote the text that could not be parsed', () => {
    let thrown: unknown;
    try {
      JSON.parse('{"pin": hunter2}');
    } catch (error) {
      thrown = error;
    }
    expect(JSON.stringify(describeError(thrown))).not.toContain('hunter2');
  });

  it('does not quote digits that may be an account number', () => {
    const text = JSON.stringify(describeError(new Error('bad value 4012000033330026 in row 12')));
    expect(text).not.toContain('4012000033330026');
    expect(text).toContain('row 12');
  });

  it('names its causes, three deep', () => {
    const deep = [1, 2, 3, 4].reduce<Error | undefined>(
      (cause, level) => new Error(`level ${level}`, { cause }),
      undefined,
    );
    const text = JSON.stringify(describeError(deep));
    expect(['level 4', 'level 3', 'level 2'].every((level) => text.includes(level))).toBe(true);
    expect(text).not.toContain('level 1');
  });

  it('may be any thrown value', () => {
    expect(describeError('hunter2')).toEqual({
      type: 'string',
      message: 'a value that is not an Error',
    });
  });
});

describe('messages of Nest', () => {
  it('are printed from warnings on', () => {
    const lines: string[] = [];
    const nest = new NestLogger(loggerInto(lines));
    nest.log();
    nest.debug();
    nest.verbose();
    nest.warn('careful', 'Router');
    nest.error(new Error('broken'), undefined, 'Injector');
    nest.error('failed', 'Error: failed\n    at here (file.ts:1:1)', 'Injector');
    nest.fatal('dead');
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual([
      'warn',
      'error',
      'error',
      'fatal',
    ]);
    expect(lines[2]).toContain('at here');
  });
});
