import { isDatabaseAway } from './database-away.js';

const withCode = (code: string, more: object = {}) =>
  Object.assign(new Error('x'), { code, ...more });

describe('whether an error says that Postgres is away', () => {
  it.each<[string, unknown, boolean]>([
    ['refused connection', withCode('ECONNREFUSED', { syscall: 'connect' }), true],
    [
      'all addresses refused',
      new AggregateError([withCode('ECONNREFUSED', { syscall: 'connect' })]),
      true,
    ],
    ['reset connection', withCode('ECONNRESET', { syscall: 'read' }), true],
    ['server shutting down', withCode('57P01'), true],
    ['server starting', withCode('57P03'), true],
    ['statement timeout', withCode('57014'), true],
    ['too many connections', withCode('53300'), true],
    ['disk full', withCode('53100'), true],
    ['connection lost in use', new Error('Connection terminated unexpectedly'), true],
    ['no connection free', new Error('timeout exceeded when trying to connect'), true],
    ['unique violation', withCode('23505'), false],
    ['unknown column', withCode('42703'), false],
    ['deadlock', withCode('40P01'), false],
    ['a missing file', withCode('ENOENT', { syscall: 'open' }), false],
    ['a bug', new TypeError('x is not a function'), false],
    ['no error at all', 'Connection terminated', false],
  ])('%s', (_what, error, isAway) => expect(isDatabaseAway(error)).toBe(isAway));
});
