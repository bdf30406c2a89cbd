// Serves the files of our pages. A file is read on its first request and cached with its compressed
// form. The files are few and small; a package for serving folders would bring more code than they
// have lines.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file in the form in which it is sent. */
export interface StaticFile {
  readonly contentType: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const loaded = new Map<string, Promise<StaticFile>>();

/**
 * Resolves with the file at an absolute path. Pass only paths from our own list, never one from a
 * request.
 */
export function staticFile(path: string): Promise<StaticFile> {
  const file = loaded.get(path) ?? load(path);
  loaded.set(path, file);
  return file;
}

async function load(path: string): Promise<StaticFile> {
  const contentType = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream';
  const plain = await readFile(path);
  return { contentType, plain, gzipped: await promisify(gzip)(plain) };
}

/** Sends a file, compressed if the client accepts that. */
export function sendFile(
  { contentType, plain, gzipped }: StaticFile,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (takesGzip) reply.header('content-encoding', 'gzip');
  return reply
    .header('content-type', contentType)
    .header('vary', 'accept-encoding')
    .send(takesGzip ? gzipped : plain);
}
