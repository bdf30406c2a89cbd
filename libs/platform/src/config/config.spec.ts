import { inspect } from 'node:util';
import { Secret } from '../secret.js';
import { ConfigError, defineConfig, loadConfig } from './config.js';
import { describeConfig } from './describe-config.js';
import { durationMs, flag, integer, port } from './number-variables.js';
import { secretDocument } from './secret-document.js';
import { addressRanges, list, oneOf, secretText, secretUrl, text, url } from './text-variables.js';
import { optional, type Variable } from './variable.js';

const description = 'its purpose';

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('a variable', () => {
  const cases: readonly (readonly [string, Variable<unknown>, string, unknown])[] = [
    ['a port', port('V', { description }), '8080', 8080],
    ['a port that the system chooses', port('V', { description }), '0', 0],
    ['a duration', durationMs('V', { description }), '1500', 1500],
    ['a number at its limit', integer('V', { description, min: 1, max: 5 }), '5', 5],
    ['a text', text('V', { description }), ' some words ', 'some words'],
    ['a URL', url('V', { description }), 'http://127.0.0.1:3001/', 'http://127.0.0.1:3001'],
    ['one of a few words', oneOf('V', ['a', 'b'], { description }), 'b', 'b'],
    ['a list', list('V', { description }), 'orders, ledger', ['orders', 'ledger']],
    ['a flag', flag('V', { description }), 'false', false],
    ['nothing, for an optional variable', optional(text('V', { description })), '', undefined],
    ['its default', text('V', { description, default: 'x' }), ' ', 'x'],
  ];

  it.each(cases)('reads %s', (_, declared, raw, value) => {
    expect(loadConfig(defineConfig({ s: { v: declared } }), { V: raw }).s.v).toEqual(value);
  });

  it.each([
    ['a port above the highest', port('V', { description }), '65536'],
    ['a port in words', port('V', { description }), 'http'],
    ['a fraction', integer('V', { description }), '1.5'],
    ['an exponent', integer('V', { description }), '1e3'],
    ['a negative duration', durationMs('V', { description }), '-1'],
    ['a number beyond its limit', integer('V', { description, max: 5 }), '6'],
    [
      'a text that does not match its pattern',
      text('V', { description, pattern: /^[a-z]+$/ }),
      'A1',
    ],
    ['a URL of another scheme', url('V', { description }), 'ftp://127.0.0.1'],
    ['half a URL', url('V', { description }), '127.0.0.1:3000'],
    ['a word that is not listed', oneOf('V', ['a', 'b'], { description }), 'c'],
    ['a list with a gap', list('V', { description }), 'a,,b'],
    ['a list with a repeat', list('V', { description }), 'a,b,a'],
    ['a host name instead of a network', addressRanges('V', { description }), 'proxy.example'],
    ['a network that is too narrow', addressRanges('V', { description }), '10.0.0.0/33'],
    ['half a network', addressRanges('V', { description }), '10.0.0.0/'],
    ['a flag in other words', flag('V', { description }), 'yes'],
    ['nothing, for a required variable', text('V', { description }), undefined],
  ])(
    'rejects %s, naming the variable and the expected form',
    (_, declared: Variable<unknown>, raw) => {
      const problems = problemsOf(() => loadConfig(defineConfig({ s: { declared } }), { V: raw }));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^V /);
      expect(problems[0]).toContain(declared.expected);
      expect(problems[0]).toContain(description);
    },
  );
});

describe('a wrong secret', () => {
  it.each([
    [
      'a URL with a password',
      secretUrl('V', { description, schemes: ['postgres'] }),
      'mysql://u:hunter2@h/d',
    ],
    ['a password in a URL that must have none', url('V', { description }), 'http://u:hunter2@host'],
    [
      'the path of a missing file',
      secretDocument('V', { description, parse: (json) => JSON.parse(json) as unknown }),
      '/nowhere/hunter2',
    ],
  ])('is never printed: %s', (_, declared: Variable<unknown>, raw) => {
    const problems = problemsOf(() => loadConfig(defineConfig({ s: { declared } }), { V: raw }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('hunter2');
  });

  it('is not printed when it is valid either', () => {
    const shape = defineConfig({ s: { v: secretText('V', { description }) } });
    const config = loadConfig(shape, { V: 'hunter2' });
    expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('hunter2');
    expect(config.s.v).toBeInstanceOf(Secret);
    expect(config.s.v.reveal()).toBe('hunter2');
  });

  it('shows the reason of its parser if there is one', () => {
    const parse = () => {
      throw new Error('roots is not a list');
    };
    const shape = defineConfig({ s: { v: secretDocument('V', { description, parse }) } });
    expect(problemsOf(() => loadConfig(shape, { V: '{"roots":"hunter2"}' }))[0]).toContain(
      'roots is not a list',
    );
  });
});

describe('a configuration', () => {
  const definition = defineConfig(
    {
      http: { port: port('HTTP_PORT', { description, default: 3000 }) },
      far: {
        timeoutMs: durationMs('FAR_TIMEOUT_MS', { description, default: 100 }),
        lockMs: durationMs('FAR_LOCK_MS', { description, default: 200 }),
        names: list('FAR_NAMES', { description, default: ['a', 'b'] }),
        password: secretText('FAR_PASSWORD', { description }),
      },
    },
    [
      ({ far }) =>
        far.timeoutMs < far.lockMs ? undefined : 'FAR_TIMEOUT_MS must be below FAR_LOCK_MS',
    ],
  );

  it('reports all problems at once', () => {
    const env = { HTTP_PORT: 'x', FAR_TIMEOUT_MS: 'y' };
    const problems = problemsOf(() => loadConfig(definition, env));
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'HTTP_PORT',
      'FAR_TIMEOUT_MS',
      'FAR_PASSWORD',
    ]);
  });

  it('reports values that contradict each other', () => {
    const env = { FAR_PASSWORD: 'p', FAR_TIMEOUT_MS: '200' };
    expect(problemsOf(() => loadConfig(definition, env))).toEqual([
      'FAR_TIMEOUT_MS must be below FAR_LOCK_MS',
    ]);
  });

  it('is frozen at every depth', () => {
    const config = loadConfig(definition, { FAR_PASSWORD: 'p' });
    expect([config, config.http, config.far, config.far.names].every(Object.isFrozen)).toBe(true);
  });

  it('is described in the order of its declaration, in the form for the environment', () => {
    expect(describeConfig(definition)).toEqual([
      row('HTTP_PORT', 'http', '3000'),
      row('FAR_TIMEOUT_MS', 'far', '100', 'milliseconds'),
      row('FAR_LOCK_MS', 'far', '200', 'milliseconds'),
      row('FAR_NAMES', 'far', 'a,b'),
      { ...row('FAR_PASSWORD', 'far', undefined), secret: true, required: true },
    ]);
  });

  function row(name: string, section: string, value: string | undefined, unit?: string) {
    const expected = expect.any(String) as string;
    return {
      name,
      section,
      description,
      expected,
      default: value,
      unit,
      secret: false,
      required: false,
    };
  }
});
