// A caller whose key signs its requests (RFC 9421), each try anew.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const RAW_KEY_BYTES = 32;

export class Signer {
  #privateKey;

  constructor({ privateKey, apiKey }) {
    this.#privateKey = privateKey;
    this.apiKey = apiKey;
  }

  /** Makes a key of its own for the merchant of a stack. */
  static async of(stack) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-RAW_KEY_BYTES);
    const options = {
      merchant: 'demo',
      scopes: 'payments:write',
      'public-key': raw.toString('base64'),
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const { said } = await stack.operate(['keys', 'create', ...args]);
    const apiKey = /qk_[A-Za-z0-9_-]{43}/.exec(said)?.[0];
    if (apiKey === undefined) throw new Error(`no key was made: ${said}`);
    return new Signer({ privateKey, apiKey });
  }

  /** The headers of one try. */
  headersOf({ method, url, body }) {
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
    const signature = sign(null, Buffer.from(base), this.#privateKey).toString('base64');
    return { ...content, 'signature-input': `sig=${input}`, signature: `sig=:${signature}:` };
  }
}
