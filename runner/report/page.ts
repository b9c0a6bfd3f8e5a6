// View model + templates → one HTML page. Styles and script are inside and allowed by hash, or in files next to it (`assets`).

import { createHash } from 'node:crypto';
import { oneLine } from '../text/display-text.ts';
import { inkDeclarations } from './charts/ink.ts';
import { logoDataUri, logoFile } from './logo.ts';
import { pageScript, type ScriptedPage } from './page-script.ts';
import type { Brand, Presentation } from './presentation.ts';
import { loadTemplates, type Templates } from './template-engine.ts';
import type { ReportView } from './view/model.ts';

/** How one page is rendered. */
export interface PageOptions extends Presentation {
  /** The header of every printed sheet. */
  readonly heading?: string;
  /** The template's name, if it differs from the name of the page's script. */
  readonly template?: string;
}

function sourceHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A style sheet without comments and indentation. Strings in our style sheets contain neither. */
function compactCss(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*/g, '\n')
    .trim();
}

/** Throws if the text contains `</script` or `</style`, which would end the element early. */
function inline(text: string, element: 'script' | 'style'): string {
  if (new RegExp(`</${element}`, 'i').test(text)) throw new Error(`an inline ${element} must not contain </${element}`);
  return text;
}

/** The style sheets of all pages, and of the live page its own. */
function pageStyle(page: ScriptedPage, templates: Templates, options: PageOptions): string {
  const css = compactCss(templates.styles(page === 'live' ? 'live.css' : undefined));
  return `${css}\n:root{${inkDeclarations()}}${printedHeader(options)}`;
}

/** A CSS string. All but plain characters are escaped by number, so it contains neither a quote nor `</style`. */
function cssString(text: string): string {
  return `"${text.replace(/[^A-Za-z0-9 .,:/()+·-]/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16)} `)}"`;
}

/** The header of every printed sheet. On the screen, the bar at the top shows the same, but it is not printed. */
function printedHeader({ brand, heading = '' }: PageOptions): string {
  return `@page{@top-left{content:${cssString(brandTitle(brand))}}@top-right{content:${cssString(oneLine(heading, 120))}}}`;
}

function brandTitle(brand: Brand | undefined): string {
  return brand?.title === undefined ? 'novaperf' : oneLine(brand.title, 60);
}

/** Allows the page's own style and script by hash: no style or event attributes, no requests. A data block needs no permission. */
function inlinePolicy(css: string, code: string): string[] {
  return [`style-src ${sourceHash(css)}`, `script-src ${sourceHash(code)}`, 'img-src data:'];
}

/** Allows files next to the page. `file:` is needed for pages opened from disk, because there 'self' matches no other file. */
const EXTERNAL_POLICY = ["style-src 'self' file:", "script-src 'self' file:", "img-src 'self' file: data:"];

/**
 * The HTML of a page. Its template gets the view and `page`: {css, script, data, policy, brand, logo, isExternal, styleFile,
 * scriptFile}. `data` is for the page's script, packed by page-data.ts. With external assets `css` and `script` are empty, and the
 * files of pageFiles() must be written next to the page.
 */
export function renderPage(
  page: ScriptedPage,
  view: object,
  templates: Templates,
  data = '',
  options: PageOptions = {},
): string {
  const { assets = 'inline', brand } = options;
  const isExternal = assets === 'external';
  const css = isExternal ? '' : inline(pageStyle(page, templates, options), 'style');
  const script = isExternal ? '' : inline(pageScript(page), 'script');
  const policy = [
    "default-src 'none'",
    ...(isExternal ? EXTERNAL_POLICY : inlinePolicy(css, script)),
    // The live page reads a stream of events from its server.
    ...(page === 'live' ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const logo = brand?.logo;
  return templates.render(options.template ?? page, {
    ...view,
    page: {
      css,
      script,
      data,
      policy,
      brand: brandTitle(brand),
      logo: logo === undefined ? '' : isExternal ? logoFile(logo) : logoDataUri(logo),
      isExternal,
      styleFile: `${page}.css`,
      scriptFile: `${page}.js`,
    },
  });
}

/** A report in parts, for the live page. */
export interface PageParts {
  readonly title: string;
  /** HTML of the parts by name, in page order. */
  readonly pieces: ReadonlyMap<string, string>;
  /** Data for the page's script, packed by page-data.ts. */
  readonly data: string;
}

/** The parts of report.html. If a user's report.hbs has no {{#piece}}, the shipped template and partials are used instead. */
export function renderParts(view: ReportView, templates: Templates, data: string, brand: Brand | undefined): PageParts {
  const page = { css: '', script: '', data: '', policy: '', brand: brandTitle(brand), logo: '', isExternal: false };
  const model = { ...view, page };
  const own = templates.pieces('report', model);
  const pieces = own.size > 0 ? own : loadTemplates().pieces('report', model);
  return { title: `${view.verdict.word}: ${view.title} – performance report`, pieces, data };
}

/** The files that a page with external assets needs next to it, by name; empty for inline assets. */
export function pageFiles(
  page: ScriptedPage,
  templates: Templates,
  options: PageOptions,
): ReadonlyMap<string, string | Uint8Array> {
  const { assets, brand } = options;
  const files = new Map<string, string | Uint8Array>();
  if (assets !== 'external') return files;
  files.set(`${page}.css`, pageStyle(page, templates, options));
  files.set(`${page}.js`, pageScript(page));
  if (brand?.logo !== undefined) files.set(logoFile(brand.logo), brand.logo.bytes);
  return files;
}
