import {
  AccessDenied,
  Conflict,
  Fault,
  InvalidRequest,
  InvariantViolation,
  Unavailable,
} from './faults.js';

describe('a fault', () => {
  it.each([
    [new InvalidRequest('odd', 'Odd.'), 'invalidRequest', 422],
    [InvalidRequest.notFound(), 'invalidRequest', 404],
    [AccessDenied.unauthenticated(), 'accessDenied', 401],
    [AccessDenied.forbidden('No.'), 'accessDenied', 403],
    [new Conflict('taken', 'Taken.'), 'conflict', 409],
    [new Unavailable('away', 'Away.'), 'unavailable', 503],
    [Unavailable.tooManyRequests('Slow.', 7), 'unavailable', 429],
    [new InvariantViolation('odd', 'Odd.'), 'invariantViolation', 500],
  ])('%s has its kind and its HTTP status', (fault, kind, status) => {
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ kind, status, name: fault.constructor.name });
  });

  it('has a Retry-After when waiting helps', () => {
    expect(new Unavailable('away', 'Away.').retryAfterSeconds).toBe(1);
    expect(new Unavailable('away', 'Away.', { retryAfterSeconds: 9 }).retryAfterSeconds).toBe(9);
    expect(new Conflict('taken', 'Taken.').retryAfterSeconds).toBeUndefined();
  });

  it('keeps its cause for the log', () => {
    const cause = new Error('socket closed');
    expect(new Unavailable('away', 'Away.', { cause }).cause).toBe(cause);
  });
});
