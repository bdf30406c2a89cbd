// Serves `/.well-known/jwks.json`: the key to which callers seal cards, so that their own servers
// never hold a number.
import { Controller, Get, Header } from '@nestjs/common';
import { KeySet, publicJwks } from '@quittance/vault';

/**
 * Time for which callers may cache a key. A retired key is accepted until it is destroyed, which
 * takes longer than this.
 */
const FIVE_MINUTES = 'public, max-age=300';

@Controller('.well-known')
export class SealingKeysController {
  constructor(private readonly keys: KeySet) {}

  @Get('jwks.json')
  @Header('cache-control', FIVE_MINUTES)
  @Header('content-type', 'application/jwk-set+json; charset=utf-8')
  read(): string {
    return JSON.stringify(publicJwks(this.keys));
  }
}
