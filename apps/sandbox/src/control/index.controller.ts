// Serves `/`: the sandbox's paths, for a person who opens its address.
import { Controller, Get } from '@nestjs/common';
import { CurrentGeneration } from '../generation/generation.js';
import type { JsonObject } from '../wire/gateway-reply.js';

@Controller()
export class IndexController {
  constructor(private readonly generation: CurrentGeneration) {}

  @Get()
  read(): JsonObject {
    return {
      name: 'Quittance sandbox: a simulated payment gateway',
      documentation: 'docs/sandbox.md',
      generation: this.generation.name,
      payments: ['/api/s2s', '/api/s2s/encrypt'],
      sandbox: [
        '/sandbox/terminals',
        '/sandbox/acquirer',
        '/sandbox/blocklist',
        '/sandbox/faults',
        '/sandbox/settle',
        '/sandbox/ledger',
        '/sandbox/generation',
      ],
    };
  }
}
