// Goal: a connection goes only to an address that was checked, and only to a server that proves to
// be the gateway. Method: real servers on several loopback addresses, with and without TLS, a
// scripted resolver, and the servers' own counts.
import { spawn } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { resolve as pathOf } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CertificateWithKey, TestAuthority } from '../../../../test/support/certificates.js';
import { TestGateway } from '../../test/gateway-servers.js';
import { type Exchange, exchange } from '../exchange.js';
import { CertificatePins, pinOf } from './certificate-pins.js';
import { type ConnectorOptions, GuardedConnector, type Resolve } from './guarded-connector.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function gateway(options: Parameters<typeof TestGateway.start>[0] = {}) {
  const server = await TestGateway.start(options);
  closers.push(() => server.close());
  return server;
}

function client(options: Partial<ConnectorOptions>) {
  const connector = new GuardedConnector({
    timeoutMs: 2_000,
    mayConnectTo: () => true,
    pins: new CertificatePins(),
    ...options,
  });
  closers.push(() => Promise.resolve(connector.close()));
  return (origin: string): Promise<Exchange> =>
    exchange(connector, {
      origin,
      method: 'POST',
      path: '/api/s2s',
      headers: {},
      body: '{}',
      timeoutMs: 5_000,
    });
}

/** Returns a resolver that gives the next of `answers` each time, then the last, and its log. */
function resolver(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, done) => {
    const addresses = answers[Math.min(asked.push(hostname) - 1, answers.length - 1)] ?? [];
    const found = addresses.map((address): LookupAddress => ({ address, family: 4 }));
    setImmediate(() => done(null, found));
  };
  return { resolve, asked };
}

const dist = (file: string) =>
  pathToFileURL(pathOf(`dist/libs/gateway/src/connection/${file}.js`)).href;

/** Plays the private address, because the test's public address is a loopback address too. */
const PRIVATE = '127.0.0.2';
const mayConnectTo = (address: string) => address !== PRIVATE;
const REFUSED = { kind: 'notSent', reason: 'gateway_address_refused' };

describe('the address', () => {
  it('is resolved once and then used, even if the name resolves to another one by then', async () => {
    const open = await gateway();
    const inside = await gateway({ address: PRIVATE, port: open.port });
    const { resolve, asked } = resolver(['127.0.0.1'], [PRIVATE]);
    const send = client({ resolve, mayConnectTo });
    const origin = `http://gateway.test:${open.port}`;
    expect(await send(origin)).toMatchObject({ kind: 'replied', httpStatus: 200 });
    expect(asked).toEqual(['gateway.test']);
    expect(open.requests).toHaveLength(1);
    // The name now resolves to another address: the next connection is refused before anything is
    // sent.
    expect(await send(origin)).toEqual(REFUSED);
    expect(inside.accepted).toBe(0);
  });

  it.each<[string, readonly string[]]>([
    ['it is private', [PRIVATE]],
    ['one of several is private', ['127.0.0.1', PRIVATE]],
    ['one of several is private, the first', [PRIVATE, '127.0.0.1']],
  ])('is refused, and nothing is opened, when %s', async (_, addresses) => {
    const open = await gateway();
    const inside = await gateway({ address: PRIVATE, port: open.port });
    const send = client({ resolve: resolver(addresses).resolve, mayConnectTo });
    expect(await send(`http://gateway.test:${open.port}`)).toEqual(REFUSED);
    expect([open.accepted, inside.accepted]).toEqual([0, 0]);
  });

  it('is refused without a resolver when the URL contains it', async () => {
    const inside = await gateway({ address: PRIVATE });
    const { resolve, asked } = resolver(['127.0.0.1']);
    const send = client({ resolve, mayConnectTo });
    expect(await send(`http://${PRIVATE}:${inside.port}`)).toEqual(REFUSED);
    expect(inside.accepted).toBe(0);
    expect(asked).toEqual([]);
  });

  it('that does not resolve means that the request was not sent', async () => {
    const send = client({ resolve: resolver([]).resolve });
    expect(await send('http://gateway.test')).toEqual({ kind: 'notSent', reason: 'enotfound' });
  });
});

describe('the certificate', () => {
  const authority = new TestAuthority();
  const valid = authority.certify('gateway.test');
  const { resolve } = resolver(['127.0.0.1']);

  async function send(certified: CertificateWithKey, options: Partial<ConnectorOptions> = {}) {
    const server = await gateway({ certified });
    const ca = authority.cert;
    const result = await client({ resolve, ca, ...options })(`https://gateway.test:${server.port}`);
    return { result, arrived: server.requests };
  }

  it('is accepted when it is the host’s and an authority signed it', async () => {
    const { result, arrived } = await send(valid);
    expect(result).toMatchObject({ kind: 'replied', httpStatus: 200 });
    expect(arrived).toHaveLength(1);
  });

  it.each<[string, CertificateWithKey, string]>([
    ['another host’s', authority.certify('other.test'), 'err_tls_cert_altname_invalid'],
    [
      'expired',
      authority.certify('gateway.test', { expiresAt: new Date(Date.now() - 60_000) }),
      'cert_has_expired',
    ],
    [
      'signed by a stranger',
      new TestAuthority('Stranger').certify('gateway.test'),
      'unable_to_verify_leaf_signature',
    ],
  ])('is refused, and nothing is sent, when it is %s', async (_, certified, reason) => {
    const { result, arrived } = await send(certified);
    expect(result).toEqual({ kind: 'notSent', reason });
    expect(arrived).toEqual([]);
  });

  it('is verified whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    const stranger = new TestAuthority('Stranger').certify('127.0.0.1');
    const { port } = await gateway({ certified: stranger });
    // Runs in its own process, because Node reads the environment of the process and not of the
    // test.
    const script = `
      import { GuardedConnector } from '${dist('guarded-connector')}';
      import { CertificatePins } from '${dist('certificate-pins')}';
      const connector = new GuardedConnector({ timeoutMs: 2000, mayConnectTo: () => true, pins: new CertificatePins() });
      const error = await connector.open(new URL('https://127.0.0.1:${port}'), new AbortController().signal).catch((reason) => reason);
      process.exit(error.code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ? 42 : 0);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    });
    expect(await once(child, 'exit')).toEqual([42, null]);
  });

  it('must have the pinned key even if it is valid', async () => {
    const pins = new CertificatePins([`gateway.test=${pinOf(valid.cert)}`]);
    expect((await send(valid, { pins })).result).toMatchObject({ kind: 'replied' });
    const { result, arrived } = await send(authority.certify('gateway.test'), { pins });
    expect(result).toEqual({ kind: 'notSent', reason: 'gateway_pin_mismatch' });
    expect(arrived).toEqual([]);
  });

  it('may have any of several pinned keys, and the authority’s own key does not count', async () => {
    const next = authority.certify('gateway.test');
    const both = [valid, next].map(({ cert }) => `gateway.test=${pinOf(cert)}`);
    expect((await send(next, { pins: new CertificatePins(both) })).result.kind).toBe('replied');
    const ofAuthority = new CertificatePins([`gateway.test=${pinOf(authority.cert)}`]);
    expect((await send(valid, { pins: ofAuthority })).result.kind).toBe('notSent');
  });

  it('needs no pin when only another host has one, and a pin does not replace the authority', async () => {
    const elsewhere = new CertificatePins([`other.test=${pinOf(authority.cert)}`]);
    expect((await send(valid, { pins: elsewhere })).result.kind).toBe('replied');
    const unknown = new TestAuthority('Stranger').certify('gateway.test');
    const pinned = new CertificatePins([`gateway.test=${pinOf(unknown.cert)}`]);
    expect((await send(unknown, { pins: pinned })).result.kind).toBe('notSent');
  });

  it('is checked on every connection', async () => {
    const server = await gateway({ certified: valid });
    let checked = 0;
    class Counting extends CertificatePins {
      override check() {
        checked += 1;
        return undefined;
      }
    }
    const post = client({ resolve, ca: authority.cert, pins: new Counting() });
    const origin = `https://gateway.test:${server.port}`;
    expect((await post(origin)).kind).toBe('replied');
    expect((await post(origin)).kind).toBe('replied');
    expect(checked).toBe(2);
    expect(server.accepted).toBe(2);
  });
});
