// The payer's browser: follows redirects, fills in the OTP page's form and presses one of its
// buttons.
const HOPS_LIMIT = 10;
const OTP = '123456';

interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** Follows redirects as a browser does; 307 keeps method and body. */
async function browse(url: string, options: RequestInit = {}): Promise<Page> {
  let target = url;
  for (let hop = 0; hop < HOPS_LIMIT; hop += 1) {
    const response = await fetch(target, { ...options, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) {
      return { url: target, status: response.status, html: await response.text() };
    }
    await response.body?.cancel();
    target = new URL(location, target).href;
  }
  throw new Error('the payer was redirected in circles');
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`, 'i').exec(tag)?.[1];

/** The form of a page: where it goes, its hidden fields, and the buttons that end it. */
function readForm(page: Page): { action: string; fields: [string, string][] } {
  const form = /<form\b[^>]*>/i.exec(page.html)?.[0];
  if (form === undefined) throw new Error(`the payer found no form (HTTP ${page.status})`);
  const inputs = page.html.match(/<input\b[^>]*>/gi) ?? [];
  const hidden = inputs.filter((tag) => attribute(tag, 'type') === 'hidden');
  return {
    action: new URL(attribute(form, 'action') ?? page.url, page.url).href,
    fields: hidden.map((tag) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']),
  };
}

/** Plays the payer on the page `next_action.url` leads to. */
export async function confirmAsPayer(
  authUrl: string,
  decision: 'approved' | 'declined',
): Promise<void> {
  const { action, fields } = readForm(await browse(authUrl));
  const body = new URLSearchParams([...fields, ['otp', OTP], ['test_auth', decision]]);
  const end = await browse(action, { method: 'POST', body });
  if (end.status !== 200) throw new Error(`the payer ended on a page with HTTP ${end.status}`);
}
