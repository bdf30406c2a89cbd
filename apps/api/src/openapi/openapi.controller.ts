// Serves `/openapi.json`, built once at startup.
import { Controller, Get, Header } from '@nestjs/common';
import { openApiDocument } from './document.js';

@Controller()
export class OpenApiController {
  readonly #document = JSON.stringify(openApiDocument());

  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return this.#document;
  }
}
