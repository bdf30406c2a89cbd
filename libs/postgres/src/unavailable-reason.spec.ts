import { unavailableReason } from './errors.js';

const withCode = (code: string) => Object.assign(new Error('at 10.0.0.1'), { code });
const ofPgBouncer = (message: string) => Object.assign(new Error(message), { code: '08P01' });

describe('the reason why Postgres is unavailable', () => {
  it.each<[unknown, string | undefined]>([
    [new Error('Query read timeout'), 'it does not answer'],
    [new Error('Connection terminated unexpectedly'), 'it cannot be reached'],
    [withCode('ECONNREFUSED'), 'it cannot be reached'],
    [withCode('EPIPE'), 'it cannot be reached'],
    [withCode('CERT_HAS_EXPIRED'), 'TLS fails (CERT_HAS_EXPIRED)'],
    [
      new Error('x', { cause: withCode('ERR_TLS_CERT_ALTNAME_INVALID') }),
      'TLS fails (ERR_TLS_CERT_ALTNAME_INVALID)',
    ],
    [
      withCode('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'),
      'TLS fails (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)',
    ],
    [new Error('The server does not support SSL connections'), 'it does not speak TLS'],
    [withCode('53100'), 'its disk is full (53100)'],
    [withCode('53400'), 'it is out of resources (53400)'],
    [withCode('57P03'), 'it is starting, stopping or recovering (57P03)'],
    [withCode('28P01'), 'it refuses the login (28P01)'],
    [new Error('x', { cause: withCode('53300') }), 'it has no connection left (53300)'],
    [ofPgBouncer('query_wait_timeout'), 'its pooler had no session free in time'],
    [
      ofPgBouncer('server login has been failing, try again later (server_login_retry)'),
      'its pooler cannot reach it',
    ],
    [new Error('x', { cause: ofPgBouncer('server conn crashed?') }), 'its pooler lost the session'],
    [ofPgBouncer('connect timeout'), 'its pooler cannot reach it'],
    [
      ofPgBouncer('server login failed: FATAL the role is not permitted to log in'),
      'it refuses the login of its pooler',
    ],
    [ofPgBouncer('bad packet'), 'the connection failed (08P01)'],
    [withCode('23505'), undefined],
    [new TypeError('x'), undefined],
  ])('%s: %s', (error, reason) => expect(unavailableReason(error)).toBe(reason));

  it('names a Postgres that only reads', () => {
    expect(unavailableReason(withCode('25006'))).toMatch(/^it only reads: .* \(25006\)$/);
  });
});
