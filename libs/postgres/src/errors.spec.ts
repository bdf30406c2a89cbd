import { isConnectionSuspect, isDatabaseUnavailable } from './errors.js';

const withCode = (code: string, more: object = {}) =>
  Object.assign(new Error('x'), { code, ...more });
const pooler = (message: string) => Object.assign(new Error(message), { code: '08P01' });

describe('classifies an error as temporary and its connection as suspect', () => {
  it.each<[string, unknown, boolean, boolean]>([
    ['refused connection', withCode('ECONNREFUSED', { syscall: 'connect' }), true, true],
    [
      'all addresses refused',
      new AggregateError([withCode('ECONNREFUSED', { syscall: 'connect' })]),
      true,
      true,
    ],
    ['reset connection', withCode('ECONNRESET', { syscall: 'read' }), true, true],
    ['a write on a closed socket', withCode('ERR_STREAM_DESTROYED'), true, true],
    ['a certificate that has expired', withCode('CERT_HAS_EXPIRED'), true, true],
    ['a broken protocol', withCode('08P01'), true, true],
    ['a pooler that lost Postgres', pooler('server conn crashed?'), true, true],
    ['a pooler without a free session', pooler('query_wait_timeout'), true, false],
    ['read-only transaction', withCode('25006'), true, true],
    ['a transaction left idle', withCode('25P03'), true, true],
    ['a transaction that took too long', withCode('25P04'), true, true],
    ['an aborted transaction', withCode('25P02'), false, false],
    ['a rejected password', withCode('28P01'), true, false],
    ['a missing database', withCode('3D000'), true, false],
    ['serialization failure', withCode('40001'), true, false],
    ['deadlock', withCode('40P01'), true, false],
    ['too many connections', withCode('53300'), true, false],
    ['disk full', withCode('53100'), true, false],
    ['out of memory', withCode('53200'), true, false],
    ['lock not available', withCode('55P03'), true, false],
    ['object in use', withCode('55006'), false, false],
    ['statement timeout', withCode('57014'), true, false],
    ['server shutting down', withCode('57P01'), true, true],
    ['server crashed', withCode('57P02'), true, true],
    ['server starting', withCode('57P03'), true, true],
    ['an idle session ended', withCode('57P05'), true, true],
    ['input/output error', withCode('58030'), true, false],
    ['connection lost in use', new Error('Connection terminated unexpectedly'), true, true],
    ['no connection free', new Error('timeout exceeded when trying to connect'), true, true],
    ['no connection made', new Error('timeout expired'), true, true],
    ['no answer', new Error('Query read timeout'), true, true],
    ['a wrapped cause', new Error('x', { cause: withCode('57P01') }), true, true],
    ['Prisma without a server', withCode('P1001'), true, true],
    [
      'Prisma on a full disk',
      withCode('P2039', { meta: { driverAdapterError: { cause: { originalCode: '53100' } } } }),
      true,
      false,
    ],
    [
      'Prisma on an unknown column',
      withCode('P2022', { meta: { driverAdapterError: { cause: { originalCode: '42703' } } } }),
      false,
      false,
    ],
    ['bad data', withCode('22003'), false, false],
    ['unique violation', withCode('23505'), false, false],
    ['unknown column', withCode('42703'), false, false],
    ['missing privilege', withCode('42501'), false, false],
    ['an error of a trigger', withCode('P0001'), false, false],
    ['an internal error', withCode('XX000'), false, false],
    ['a missing file', withCode('ENOENT', { syscall: 'open' }), false, false],
    ['a bug', new TypeError('x is not a function'), false, false],
    ['a value that is not an error', 'Connection terminated', false, false],
  ])('%s', (_what, error, isAway, isSuspect) =>
    expect([isDatabaseUnavailable(error), isConnectionSuspect(error)]).toEqual([isAway, isSuspect]),
  );

  it('stops at a cycle of causes', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});
