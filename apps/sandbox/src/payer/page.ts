// Renders the frame of the payer's pages: one self-contained file, readable on a phone, usable by
// keyboard and screen reader, light or dark like the system.

/** A fact shown on a page. */
export type Detail = readonly [label: string, value: string];

export interface Page {
  readonly title: string;
  readonly lead: string;
  readonly details: readonly Detail[];
  /** HTML below the details; its author escapes every value. */
  readonly action: string;
}

const STYLES = `
:root { color-scheme: light dark; --ink: #17202b; --quiet: #55606e; --paper: #fff; --ground: #eef1f5; --line: #d5dbe3; --accent: #0b5cad; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9eef4; --quiet: #a3afbd; --paper: #1a222c; --ground: #10161d; --line: #33404e; --accent: #6cb2ff; --on-accent: #06213c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 27rem; padding: 1.75rem; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
.badge { display: inline-block; margin: 0 0 .75rem; padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 99px; color: var(--quiet); font-size: .8rem; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.25; }
p { margin: 0 0 1rem; color: var(--quiet); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1.25rem; margin: 0 0 1.5rem; padding: 1rem 0; border-block: 1px solid var(--line); }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
label { display: block; font-weight: 600; }
.hint { margin: 0 0 .4rem; font-size: .9rem; }
input { width: 100%; padding: .7rem; border: 1px solid var(--quiet); border-radius: 8px; background: transparent; color: inherit; font: inherit; font-size: 1.3rem; letter-spacing: .25em; text-align: center; }
.error { min-height: 1.5em; margin: .4rem 0; color: #c62828; }
@media (prefers-color-scheme: dark) { .error { color: #ff9c94; } }
.choices { display: grid; gap: .6rem; }
button { padding: .8rem; border: 1px solid var(--accent); border-radius: 8px; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button.secondary { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

export function renderPage({ title, lead, details, action }: Page): string {
  const rows = details.map(
    ([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Sandbox gateway</title>
<style>${STYLES}</style>
</head>
<body>
<main>
<p class="badge">Sandbox: no money moves</p>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(lead)}</p>
<dl>${rows.join('\n')}</dl>
${action}
</main>
</body>
</html>
`;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for use between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => escapes[letter] ?? letter);
}
