// Answers errors at the return page with a page for the payer instead of a problem document.
import { Catch, type ArgumentsHost, Injectable } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import type { ProblemOutline, RenderedProblem } from '@quittance/server';
import type { FastifyReply } from 'fastify';
import { DatabaseUnavailableFilter } from '../requests/database-unavailable.filter.js';

const STYLE = `
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
    box-sizing: border-box; font: 1.0625rem/1.6 system-ui, sans-serif; }
  main { max-width: 30rem; }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600; }
  p { margin: 0; }
  .id { margin-top: 2rem; font-size: .8125rem; opacity: .6; }`;
/** Seconds until the browser tries again by itself. */
const RELOAD_SECONDS = 5;

@Injectable()
@Catch()
export class ReturnPageFilter extends DatabaseUnavailableFilter {
  // oxlint-disable-next-line no-useless-constructor -- Nest reads the types of own parameters alone
  constructor(log: Logger) {
    super(log);
  }

  override catch(thrown: unknown, host: ArgumentsHost): void {
    host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer');
    super.catch(thrown, host);
  }

  protected override render({ status }: ProblemOutline, requestId: string): RenderedProblem {
    return { contentType: 'text/html; charset=utf-8', text: pageOf(status, requestId) };
  }
}

function pageOf(status: number, requestId: string): string {
  const mayPass = status === 429 || status >= 500;
  const title = mayPass ? 'One moment, please' : 'No payment at this address';
  const text = mayPass
    ? 'We are checking your payment. Please do not pay again: this page takes you back to the shop.'
    : 'Please go back to the shop to see your order.';
  const refresh = mayPass ? `<meta http-equiv="refresh" content="${RELOAD_SECONDS}">` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">${refresh}
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
<p class="id">Support reference: ${requestId}</p>
</main>
</body>
</html>
`;
}
