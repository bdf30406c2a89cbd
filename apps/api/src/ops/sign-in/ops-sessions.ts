// Signs operators in and out, and authenticates the requests of the operations API: by the cookie
// of a session, or by an ops key as bearer. The key of an operator is sent once, to sign in.
import { Injectable } from '@nestjs/common';
import { digestOfOperatorKey, isOperatorKeyForm } from '@quittance/operations';
import { OperatorSessions, PrismaService, type SignedIn, writeAudit } from '@quittance/persistence';
import { AccessDenied, Clock, parseUrl } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authentication } from '../../access/authentication.js';
import { RequestLimits } from '../../access/limits/request-limits.js';
import { bearerKey } from '../../access/presented-key.js';
import { AddressSettings, OpsSettings } from '../../config.js';
import type { OpsCaller } from './ops-caller.js';
import { digestOfToken, newSessionToken, sessionCookie, tokenIn } from './session-cookie.js';

/**
 * Requests of a page that works by itself, which do not count as use of the session. A browser's
 * `EventSource` cannot send this header; it reconnects by itself.
 */
const BACKGROUND = 'quittance-background';
export const EVENT_STREAM = 'text/event-stream';
const SAFE_METHODS = ['GET', 'HEAD'];

@Injectable()
export class OpsSessions {
  readonly #isSecure: boolean;

  constructor(
    private readonly prisma: PrismaService,
    private readonly sessions: OperatorSessions,
    private readonly authentication: Authentication,
    private readonly limits: RequestLimits,
    private readonly settings: OpsSettings,
    private readonly addresses: AddressSettings,
    private readonly clock: Clock,
  ) {
    this.#isSecure = parseUrl(addresses.publicUrl)?.protocol === 'https:';
  }

  /**
   * Opens a session for the holder of an operator's key or an ops key, and sets its cookie. A wrong
   * key counts against the address. Throws `unauthenticated` (401), `forbidden` (403) and
   * `too_many_requests` (429).
   */
  async signIn(key: string, request: FastifyRequest, reply: FastifyReply): Promise<OpsCaller> {
    this.#refuseOtherSites(request);
    const { name, rights, isRegistered, owner } = await this.#ownerOf(key, request, reply);
    const token = newSessionToken();
    const tokenSha256 = digestOfToken(token);
    const at = this.clock.now();
    const expiresAt = new Date(at.getTime() + this.settings.sessionMs);
    await this.prisma.$transaction(async (tx) => {
      await this.sessions.open(tx, { tokenSha256, owner, at, expiresAt });
      const subject =
        'operatorId' in owner
          ? ({ kind: 'operator', id: name } as const)
          : ({ kind: 'api_key', id: owner.apiKeyId } as const);
      const after = { rights, expires_at: expiresAt };
      await writeAudit(tx, {
        at,
        operator: name,
        action: 'sign in',
        subject,
        why: null,
        before: null,
        after,
      });
    });
    const maxAgeSeconds = Math.floor(this.settings.sessionMs / 1000);
    reply.header('set-cookie', sessionCookie(token, maxAgeSeconds, this.#isSecure));
    return { name, rights, isRegistered, proof: { kind: 'session', tokenSha256, expiresAt } };
  }

  /** Ends the session of the request, if it has one, and deletes the cookie. */
  async signOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#refuseOtherSites(request);
    const token = tokenIn(request.headers.cookie, this.#isSecure);
    if (token !== undefined) await this.sessions.end(digestOfToken(token));
    reply.header('set-cookie', sessionCookie('', 0, this.#isSecure));
  }

  /**
   * Resolves with the caller of a request. Throws `unauthenticated` (401), `forbidden` (403) for a
   * merchant's key, a right that is missing, or a change that another site requested, and
   * `too_many_requests` (429).
   */
  async callerOf(request: FastifyRequest, reply: FastifyReply): Promise<OpsCaller> {
    const key = bearerKey(request.headers.authorization);
    const caller =
      key === undefined
        ? await this.#callerOfSession(request, reply)
        : await this.#callerOfKey(key, request, reply);
    if (!isRead(request) && caller.rights !== 'act') throw MAY_NOT_ACT;
    return caller;
  }

  /** Returns those of the callers whose session or key is valid now. */
  async validAmong(callers: readonly OpsCaller[]): Promise<OpsCaller[]> {
    const now = this.clock.now();
    const proofs = callers.map(({ proof }) => proof);
    const digests = proofs.flatMap((proof) =>
      proof.kind === 'session' ? [proof.tokenSha256] : [],
    );
    const keyIds = proofs.flatMap((proof) => (proof.kind === 'key' ? [proof.keyId] : []));
    const limits = { now, idleMs: this.settings.sessionIdleMs };
    const [open, keys] = await Promise.all([
      this.sessions.openAmong(digests, limits),
      this.sessions.keysAmong(keyIds, now),
    ]);
    return callers.filter(({ proof }) =>
      proof.kind === 'session'
        ? open.some((digest) => digest.equals(proof.tokenSha256))
        : keys.includes(proof.keyId),
    );
  }

  async #callerOfKey(
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<OpsCaller> {
    const { keyId, merchantId, holder, scopes } = await this.authentication.callerOf(
      key,
      request,
      reply,
    );
    const scope = isRead(request) ? 'ops:read' : 'ops:write';
    // These addresses show every merchant's payments.
    if (merchantId !== null || !scopes.includes(scope)) {
      throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
    }
    const name = holder ?? `API key ${keyId}`;
    const rights = scopes.includes('ops:write') ? 'act' : 'read';
    return { name, rights, isRegistered: false, proof: { kind: 'key', keyId } };
  }

  async #callerOfSession(request: FastifyRequest, reply: FastifyReply): Promise<OpsCaller> {
    const token = tokenIn(request.headers.cookie, this.#isSecure);
    if (token === undefined) {
      await this.limits.countForAddress(request, reply);
      throw SIGN_IN;
    }
    const tokenSha256 = digestOfToken(token);
    const open = await this.sessions.find(tokenSha256, {
      now: this.clock.now(),
      idleMs: this.settings.sessionIdleMs,
      isUse: request.headers[BACKGROUND] === undefined && request.headers.accept !== EVENT_STREAM,
    });
    if (!open) {
      await this.limits.countForAddress(request, reply);
      throw SIGN_IN;
    }
    if (!isRead(request)) this.#refuseOtherSites(request);
    const keyId = `session-${tokenSha256.toString('base64url')}`;
    await this.limits.countForKey({ keyId, requestsPerSecond: null }, reply);
    const { name, rights, isRegistered, expiresAt } = open;
    return { name, rights, isRegistered, proof: { kind: 'session', tokenSha256, expiresAt } };
  }

  async #ownerOf(key: string, request: FastifyRequest, reply: FastifyReply): Promise<SignedIn> {
    if (!isOperatorKeyForm(key)) {
      const caller = await this.authentication.callerOf(key, request, reply);
      const { keyId: apiKeyId, merchantId, holder, scopes } = caller;
      if (merchantId !== null || holder === null) throw MERCHANTS_KEY;
      if (!scopes.includes('ops:read')) throw NO_READING;
      const rights = scopes.includes('ops:write') ? 'act' : 'read';
      return { name: holder, rights, isRegistered: false, owner: { apiKeyId } };
    }
    this.limits.refuseExhaustedAddress(request, reply);
    const found = await this.sessions.operatorWithKey(digestOfOperatorKey(key));
    if (found) return found;
    await this.limits.countForAddress(request, reply);
    throw AccessDenied.unauthenticated('The key is unknown or revoked.');
  }

  /**
   * A browser adds the cookie to requests that another site causes only if it does not know
   * `SameSite`. It states the origin of every request that changes something.
   */
  #refuseOtherSites({ headers: { origin, host } }: FastifyRequest): void {
    const from = origin === undefined ? undefined : parseUrl(origin)?.host;
    const ours = [host, parseUrl(this.addresses.publicUrl)?.host];
    if (from === undefined || !ours.includes(from)) throw OTHER_SITE;
  }
}

/** True when the request changes nothing. */
export function isRead({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return SAFE_METHODS.includes(method);
}

const SIGN_IN = AccessDenied.unauthenticated('Sign in at /ops, or send an ops key.');
const MAY_NOT_ACT = AccessDenied.forbidden('You may read, and not act.');
const MERCHANTS_KEY = AccessDenied.forbidden('The key of a merchant does not open this page.');
const NO_READING = AccessDenied.forbidden('The key does not have the scope ops:read.');
const OTHER_SITE = AccessDenied.forbidden('Changes are accepted from our own pages only.');
