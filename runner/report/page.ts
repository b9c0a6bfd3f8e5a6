// View model + templates → one HTML page that loads nothing: style and script inside, allowed by their hashes alone.

import { createHash } from 'node:crypto';
import { inkDeclarations } from './charts/ink.ts';
import { pageScript, type ScriptedPage } from './page-script.ts';
import type { Templates } from './template-engine.ts';

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Comments and indentation out of a style sheet or script of ours; strings in them hold neither. */
function compactCss(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')
    .trim();
}

/** A `</script` or `</style` inside would end the element early, wherever it stands. */
function inline(text: string, element: 'script' | 'style'): string {
  if (new RegExp(`</${element}`, 'i').test(text)) throw new Error(`an inline ${element} must not contain </${element}`);
  return text;
}

/**
 * Renders the page's template with the view and `page` {css, script, data, policy}; `data` is what its script knows beside the
 * text, packed by page-data.ts. The policy allows the one style and the one script by hash: no style attribute, no event
 * attribute, no request of any kind but the live page's own stream. A data block is no script to it: nothing in it runs.
 */
export function renderPage(page: ScriptedPage, view: object, templates: Templates, data = ''): string {
  const css = inline(`${compactCss(templates.styles())}\n:root{${inkDeclarations()}}`, 'style');
  const code = inline(pageScript(page), 'script');
  const policy = [
    "default-src 'none'",
    `style-src ${sourceHash(css)}`,
    `script-src ${sourceHash(code)}`,
    'img-src data:',
    ...(page === 'live' ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return templates.render(page, { ...view, page: { css, script: code, data, policy } });
}
