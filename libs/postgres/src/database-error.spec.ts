import { isRefusedForGood, isRefusedStatement, isStatementError } from './errors.js';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('an error of Postgres', () => {
  it.each<[string, unknown, isStatement: boolean, isRefused: boolean, isForGood: boolean]>([
    ['invalid text', withCode('22P02'), true, true, true],
    ['check violation', withCode('23514'), true, true, true],
    ['deadlock', withCode('40P01'), true, true, false],
    ['unknown column, before a migration', withCode('42703'), true, false, false],
    ['server shutting down', withCode('57P01'), true, false, false],
    ['refused connection', withCode('ECONNREFUSED'), false, false, false],
    ['lost connection', new Error('Connection terminated unexpectedly'), false, false, false],
    ['an unrelated error', new TypeError('x'), false, false, false],
  ])('%s', (_, error, isStatement, isRefused, isForGood) => {
    expect(isStatementError(error)).toBe(isStatement);
    expect(isRefusedStatement(error)).toBe(isRefused);
    expect(isRefusedForGood(error)).toBe(isForGood);
  });
});
