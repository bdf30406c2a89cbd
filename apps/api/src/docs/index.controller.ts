// Serves `/`: where to read on, for a person who opens the address of the api.
import { Controller, Get } from '@nestjs/common';

const INDEX = {
  name: 'Quittance',
  documentation: '/docs',
  openapi: '/openapi.json',
  payment_intents: '/v1/payment-intents',
  events: '/v1/events',
  sealing_keys: '/.well-known/jwks.json',
} as const;

@Controller()
export class IndexController {
  /** Names paths that are public anyway, and neither a version nor a setting. */
  @Get()
  read(): typeof INDEX {
    return INDEX;
  }
}
