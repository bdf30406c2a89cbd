/** A terminal on the encrypted wire, for the tests of the contestants' encoders. */
export const terminal = {
  number: 42,
  publicKey: 'KzEr/9Qm2nJ0mXo3n8c5b1U6T7a8v9w0x1y2z3A4B5c=',
  privateKey: 'Zx81aQ-7nV_cPq3rT9uYw2LmK5jH8gF4dS6aE1bN0oI',
  protocol: 'encrypted',
  callbacks: 'aes256',
} as const;
