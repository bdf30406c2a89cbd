// Serves `/docs`: the OpenAPI document as a page to browse and try out.
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { InvalidRequest } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendFile, staticFile } from '../static-file.js';
import { docsFiles } from './docs-files.js';

/**
 * Swagger UI uses inline styles and draws icons from data URLs. Everything else is a file of ours.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const AN_HOUR = 'public, max-age=3600';

@Controller('docs')
export class DocsController {
  @Get()
  page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return send('index.html', request, reply.header('cache-control', 'no-cache'));
  }

  @Get(':file')
  file(
    @Param('file') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return send(name, request, reply.header('cache-control', AN_HOUR));
  }
}

async function send(name: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const path = docsFiles.get(name);
  if (path === undefined) throw InvalidRequest.notFound();
  reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  await sendFile(await staticFile(path), request, reply);
}
