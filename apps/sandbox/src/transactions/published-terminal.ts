// The terminal of the published reference pages, which every sandbox knows, so that their requests
// work as they are.
import type { Terminal } from './terminal.js';

/**
 * The pages give the number and the public key. They give no private key: this one is the
 * sandbox's own, documented in docs/sandbox.md, and protects nothing.
 */
export const PUBLISHED_TERMINAL = {
  number: '42',
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'kV9pQ2xW7sD4fG6hJ8kL0zXcVbNmAsDfGhJkLqWeRtY=',
  merchant: 'demo',
  acquirer: 100,
} as const satisfies Terminal;
