// Code of the documents, run unchanged: a test runs the code that a caller copies.
import type { Job, Queue } from 'bullmq';
import type { KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../tools/place.mjs';

/**
 * Below the installed packages, so that the code finds them wherever the data folder is.
 */
const FOLDER = join(root, 'node_modules', '.cache');

/**
 * Encrypts a card for one reference with the key at `<api>/.well-known/jwks.json`;
 * docs/security.md.
 */
export type SealCard = (card: object, reference: string, api: string) => Promise<string>;

/**
 * The module in the one `js` block of a document in docs/ that exports the async function `name`; a
 * new instance each time.
 * @throws {Error} unless exactly one block exports it
 */
export async function documentedModule(document: string, name: string): Promise<unknown> {
  const text = readFileSync(join(root, 'docs', document), 'utf8');
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const found = blocks.filter((code) => code.includes(`export async function ${name}(`));
  if (found.length !== 1) throw new Error(`${document} shows ${name} ${found.length} times`);
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, 'documented-'));
  try {
    const file = join(folder, 'snippet.mjs');
    writeFileSync(file, found[0] ?? '');
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `sealCard` of docs/security.md. */
export async function documentedSealCard(): Promise<SealCard> {
  const { sealCard } = (await documentedModule('security.md', 'sealCard')) as {
    readonly sealCard: SealCard;
  };
  return sealCard;
}

/** Publishes a card payment as a job; docs/publishing.md. */
export type PublishPayment = (
  queue: Queue,
  payment: object,
  by: {
    readonly card: object;
    readonly api: string;
    readonly keyId: string;
    readonly privateKey: KeyObject;
  },
) => Promise<Job>;

/** `publishPayment` of docs/publishing.md. */
export async function documentedPublish(): Promise<PublishPayment> {
  const { publishPayment } = (await documentedModule('publishing.md', 'publishPayment')) as {
    readonly publishPayment: PublishPayment;
  };
  return publishPayment;
}

/** Signs a request; docs/request-signing.md. */
export type SignRequest = (request: {
  readonly method: string;
  readonly target: string;
  readonly body?: string;
  readonly privateKey: KeyObject;
}) => Promise<Record<string, string>>;

/** `signRequest` of docs/request-signing.md. */
export async function documentedSignRequest(): Promise<SignRequest> {
  const { signRequest } = (await documentedModule('request-signing.md', 'signRequest')) as {
    readonly signRequest: SignRequest;
  };
  return signRequest;
}
