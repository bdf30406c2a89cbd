// Opens a request in the gateway's form: reads it, finds its terminal, decrypts it (protocol §1.3,
// steps 1 to 3). The form proves nothing about its sender, so the operator's conditions for the
// terminal are checked here (docs/adr/0045).
import { Injectable } from '@nestjs/common';
import {
  BadEscape,
  decryptAes256,
  GatewayCodecError,
  MalformedBody,
  type Parameters,
  readDecryptedQuery,
  readParameters,
} from '@quittance/gateway-protocol';
import { type DropIn, DropIns } from '@quittance/persistence';
import { atMost } from '@quittance/platform';
import { KeySet, openSecret } from '@quittance/vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { LRUCache } from 'lru-cache';
import { RequestLimits } from '../access/limits/request-limits.js';
import {
  AMOUNT_MISSING,
  decryptionFailed,
  ENCRYPTED_ONLY,
  GatewayRefusal,
  PUBLIC_KEY_MISSING,
  TERMINAL_NOT_FOUND,
  unreadableBody,
} from './gateway-reply.js';

/** A request that may be executed for its terminal. */
export interface OpenedRequest {
  readonly dropIn: DropIn;
  /** Decrypted ones override those sent in clear. */
  readonly parameters: Parameters;
}

/**
 * The public keys that gateways issue (protocol §2.2). Another text is looked up nowhere: it may
 * contain a card number, which a log of statements would store, or NUL, which Postgres rejects.
 */
const PUBLIC_KEY = /^(?:[A-Za-z0-9+/]{43}=|[A-Za-z0-9_-]{43})$/;
/** Their lengths, the usual one first. */
const PUBLIC_KEY_LENGTHS = [44, 43];
const OPENED_MAX = 1_000;

@Injectable()
export class RequestOpener {
  /** Private keys by their encrypted form. */
  readonly #opened = new LRUCache<string, string>(atMost(OPENED_MAX));

  constructor(
    private readonly dropIns: DropIns,
    private readonly keys: KeySet,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Resolves with the opened request, counted for its terminal. Throws {@link GatewayRefusal}, and
   * `too_many_requests` (429). A request that no terminal accepts counts for its address.
   */
  async open(request: FastifyRequest, reply: FastifyReply): Promise<OpenedRequest> {
    const outer = parametersOf(request);
    const envelope = outer.get('encrypted_data') ?? '';
    const isEncrypted = envelope.length > Math.min(...PUBLIC_KEY_LENGTHS);
    const candidates = isEncrypted
      ? PUBLIC_KEY_LENGTHS.map((length) => envelope.slice(-length))
      : [outer.get('public_key') ?? ''];
    if (candidates[0] === '')
      throw new GatewayRefusal(outer.get('bill_amt') ? PUBLIC_KEY_MISSING : AMOUNT_MISSING);
    const dropIn = await this.#terminalOf(candidates, request, reply);
    await this.limits.countForKey({ keyId: dropIn.terminalId, requestsPerSecond: null }, reply);
    if (!isEncrypted) {
      if (!dropIn.acceptsPlain) throw new GatewayRefusal(ENCRYPTED_ONLY);
      return { dropIn, parameters: outer };
    }
    const ciphertext = envelope.slice(0, -dropIn.publicKey.length);
    const inner = await this.#decrypt(ciphertext, dropIn);
    return { dropIn, parameters: new Map([...outer, ...inner]) };
  }

  /**
   * A terminal that did not opt in, and one whose operator does not let this caller in, look like
   * one that does not exist.
   */
  async #terminalOf(
    candidates: readonly string[],
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<DropIn> {
    for (const publicKey of candidates) {
      if (!this.dropIns.isKnown(publicKey)) this.limits.refuseExhaustedAddress(request, reply);
      const dropIn = PUBLIC_KEY.test(publicKey) ? await this.dropIns.find(publicKey) : undefined;
      if (dropIn?.mayCall(request.callerAddress)) return dropIn;
    }
    await this.limits.countForAddress(request, reply);
    throw new GatewayRefusal(TERMINAL_NOT_FOUND);
  }

  async #decrypt(ciphertext: string, dropIn: DropIn): Promise<Parameters> {
    const { sealedPrivateKey, publicKey } = dropIn;
    // As at the gateway: without a key the request counts as one without parameters.
    if (sealedPrivateKey === null) throw new GatewayRefusal(AMOUNT_MISSING);
    const privateKey = await this.#openKey(sealedPrivateKey, dropIn.terminalId);
    try {
      return readDecryptedQuery(decryptAes256(ciphertext, { publicKey, privateKey }));
    } catch (error) {
      if (error instanceof BadEscape) throw new GatewayRefusal(decryptionFailed(error.message));
      if (error instanceof GatewayCodecError) throw new GatewayRefusal(WRONG_KEY);
      throw error;
    }
  }

  async #openKey(sealed: string, terminalId: string): Promise<string> {
    const known = this.#opened.get(sealed);
    if (known !== undefined) return known;
    const context = { terminalId, keys: this.keys, use: 'dropInSecrets' } as const;
    const opened = await openSecret(sealed, context);
    this.#opened.set(sealed, opened);
    return opened;
  }
}

const WRONG_KEY = decryptionFailed('Given final block not properly padded');

function parametersOf({ method, headers, body, originalUrl }: FastifyRequest): Parameters {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (!isUtf8(bytes)) throw new GatewayRefusal(unreadableBody('The body is not UTF-8'));
  const [, query = ''] = originalUrl.split('?', 2);
  const contentType = headers['content-type'] ?? '';
  try {
    return readParameters({ method, contentType, body: bytes.toString('utf8'), query });
  } catch (error) {
    if (error instanceof MalformedBody) throw new GatewayRefusal(unreadableBody(error.message));
    throw error;
  }
}
