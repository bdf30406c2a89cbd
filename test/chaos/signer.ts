// A caller whose key signs its requests (RFC 9421). Each attempt has a nonce of its own.
import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import type { ChaosStack } from './stack/chaos-stack.js';

const RAW_KEY_BYTES = 32;

/** The parts of a request that are signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly body?: string | undefined;
}

/** An API key whose requests must be signed, with its private key. */
export class Signer {
  readonly apiKey: string;
  readonly keyId: string;
  readonly privateKey: KeyObject;

  constructor(parts: Pick<Signer, 'apiKey' | 'keyId' | 'privateKey'>) {
    this.apiKey = parts.apiKey;
    this.keyId = parts.keyId;
    this.privateKey = parts.privateKey;
  }

  /** Makes a key of its own for the merchant of a stack. */
  static async of(stack: ChaosStack): Promise<Signer> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-RAW_KEY_BYTES);
    const options = {
      merchant: 'demo',
      scopes: 'payments:write',
      'public-key': raw.toString('base64'),
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const { output } = await stack.operate(['keys', 'create', ...args]);
    const apiKey = /qk_[A-Za-z0-9_-]{43}/.exec(output)?.[0];
    const keyId = /key_[0-9a-z]{26}/.exec(output)?.[0];
    if (apiKey === undefined || keyId === undefined) throw new Error(`no key was made: ${output}`);
    return new Signer({ privateKey, apiKey, keyId });
  }

  /** The headers of one attempt. */
  headersOf({ method, url, body }: SignedRequest): Record<string, string> {
    const { pathname, search } = new URL(url);
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('base64');
    const content =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-digest': `sha-256=:${digest}:` };
    const signed = { '@method': method, '@path': pathname, '@query': search || '?', ...content };
    const names = Object.keys(signed).map((name) => `"${name}"`);
    const created = Math.floor(Date.now() / 1_000);
    const input = `(${names.join(' ')});created=${created};nonce="${randomUUID()}"`;
    const lines = Object.entries(signed).map(([name, value]) => `"${name}": ${value}`);
    const base = [...lines, `"@signature-params": ${input}`].join('\n');
    const signature = sign(null, Buffer.from(base), this.privateKey).toString('base64');
    return { ...content, 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` };
  }
}
