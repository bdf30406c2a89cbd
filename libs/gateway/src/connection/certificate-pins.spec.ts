// Goal: a malformed pin is reported when the setting is read, and not by payments that stop.
// Method: a table of likely mistakes.
import { createHash } from 'node:crypto';
import { CertificatePins, pinFaults } from './certificate-pins.js';

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64');
const [DIGEST, NEXT] = [digestOf('a key'), digestOf('the next key')];

it.each([
  [[]],
  [[`gateway.test=${DIGEST}`]],
  [[`192.0.2.7=${DIGEST}`]],
  [[`2001:db8::7=${DIGEST}`]],
  // A key that is being changed, and one certificate for two names.
  [[`gateway.test=${DIGEST}`, `gateway.test=${NEXT}`]],
  [[`gateway.test=${DIGEST}`, `other.test=${DIGEST}`]],
])('accepts %j', (pins) => {
  expect(pinFaults(pins)).toEqual([]);
  expect(() => new CertificatePins(pins)).not.toThrow();
});

it.each<[string, string]>([
  ['', 'names no host'],
  [DIGEST, 'names no host'],
  [`=${DIGEST}`, 'names no host'],
  [`Gateway.test=${DIGEST}`, 'names no host in lower case, without scheme and port'],
  [`a b=${DIGEST}`, 'names no host in lower case, without scheme and port'],
  [`https://gateway.test=${DIGEST}`, 'names no host in lower case, without scheme and port'],
  ['gateway.test', 'has no SHA-256 in base64 after the host'],
  ['gateway.test=', 'has no SHA-256 in base64 after the host'],
  [`gateway.test=${DIGEST.slice(1)}`, 'has no SHA-256 in base64 after the host'],
  [`gateway.test=${DIGEST.slice(0, -1)}`, 'has no SHA-256 in base64 after the host'],
  [`gateway.test=*${DIGEST.slice(1)}`, 'has no SHA-256 in base64 after the host'],
  // Decoders accept it, but no certificate has this digest.
  [`gateway.test=${DIGEST.slice(0, -2)}B=`, 'has no SHA-256 in base64 after the host'],
  [
    `gateway.test=${createHash('sha1').update('x').digest('base64')}`,
    'has no SHA-256 in base64 after the host',
  ],
])('rejects %p: it %s', (pin, fault) => {
  expect(pinFaults([pin])).toEqual([`"${pin}" ${fault}`]);
});

it('names each malformed pin among valid ones, and a repeated one', () => {
  const [valid, malformed] = [`gateway.test=${DIGEST}`, 'other.test=x'];
  const pins = [valid, malformed, valid, DIGEST];
  const faults = [
    '"other.test=x" has no SHA-256 in base64 after the host',
    `"${valid}" is repeated`,
    `"${DIGEST}" names no host`,
  ];
  expect(pinFaults(pins)).toEqual(faults);
  expect(() => new CertificatePins(pins)).toThrow(new RangeError(faults.join('; ')));
});
