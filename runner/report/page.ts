// View model + templates → one HTML page: style and script inside, allowed by their hashes alone, or next to it where that is asked for.

import { createHash } from 'node:crypto';
import { oneLine } from '../text/display-text.ts';
import { inkDeclarations } from './charts/ink.ts';
import { logoDataUri, logoFile } from './logo.ts';
import { pageScript, type ScriptedPage } from './page-script.ts';
import type { Brand, Presentation } from './presentation.ts';
import { loadTemplates, type Templates } from './template-engine.ts';
import type { ReportView } from './view/model.ts';

/** `heading`: what each printed sheet says of the page. */
export interface PageLook extends Presentation {
  readonly heading?: string;
  /** A template that is not called after the page's script. */
  readonly template?: string;
}

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

/** The style sheets of a page: those of every page, and the live page's own. */
function pageStyle(page: ScriptedPage, templates: Templates, look: PageLook): string {
  const css = compactCss(templates.styles(page === 'live' ? 'live.css' : undefined));
  return `${css}\n:root{${inkDeclarations()}}${printedHead(look)}`;
}

/** A string in CSS: all but plain characters by their number, so that neither a quote nor `</style` stands in it. */
function cssString(text: string): string {
  return `"${text.replace(/[^A-Za-z0-9 .,:/()+·-]/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16)} `)}"`;
}

/** What stands at the head of each sheet of paper; a page of its own has it in its bar, which is not printed. */
function printedHead({ brand, heading = '' }: PageLook): string {
  return `@page{@top-left{content:${cssString(brandTitle(brand))}}@top-right{content:${cssString(oneLine(heading, 120))}}}`;
}

function brandTitle(brand: Brand | undefined): string {
  return brand?.title === undefined ? 'novaperf' : oneLine(brand.title, 60);
}

/** By hash: no style attribute, no event attribute, no request of any kind. A data block is no script to it: nothing in it runs. */
function inlinePolicy(css: string, code: string): string[] {
  return [`style-src ${sourceHash(css)}`, `script-src ${sourceHash(code)}`, 'img-src data:'];
}

/** From the page's own folder. `file:` is what 'self' means on a disk, where every page has an origin of its own. */
const EXTERNAL_POLICY = ["style-src 'self' file:", "script-src 'self' file:", "img-src 'self' file: data:"];

/**
 * Renders the page's template with the view and `page`: {css, script, data, policy, brand, logo, isExternal, styleFile,
 * scriptFile}. `data` is what its script knows besides the text, packed by page-data.ts. With external assets `css` and `script`
 * are empty, and pageFiles() are to lie next to the page.
 */
export function renderPage(
  page: ScriptedPage,
  view: object,
  templates: Templates,
  data = '',
  look: PageLook = {},
): string {
  const { assets = 'inline', brand } = look;
  const isExternal = assets === 'external';
  const css = isExternal ? '' : inline(pageStyle(page, templates, look), 'style');
  const script = isExternal ? '' : inline(pageScript(page), 'script');
  const policy = [
    "default-src 'none'",
    ...(isExternal ? EXTERNAL_POLICY : inlinePolicy(css, script)),
    // The live page's own stream.
    ...(page === 'live' ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const logo = brand?.logo;
  return templates.render(look.template ?? page, {
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

/** A report that is shown in parts, as the live page does. */
export interface PageParts {
  readonly title: string;
  /** HTML of the parts by name, in their order. */
  readonly pieces: ReadonlyMap<string, string>;
  /** What the page's script knows besides the text, packed. */
  readonly data: string;
}

/**
 * The parts of report.html. A report.hbs of the user's without {{#piece}} has none: the shipped one is used then, with the
 * shipped partials.
 */
export function renderParts(view: ReportView, templates: Templates, data: string, brand: Brand | undefined): PageParts {
  const page = { css: '', script: '', data: '', policy: '', brand: brandTitle(brand), logo: '', isExternal: false };
  const model = { ...view, page };
  const own = templates.pieces('report', model);
  const pieces = own.size > 0 ? own : loadTemplates().pieces('report', model);
  return { title: `${view.verdict.word}: ${view.title} – performance report`, pieces, data };
}

/** The files that a page with external assets needs next to it, by name; none for one whose assets are inline. */
export function pageFiles(
  page: ScriptedPage,
  templates: Templates,
  look: PageLook,
): ReadonlyMap<string, string | Uint8Array> {
  const { assets, brand } = look;
  const files = new Map<string, string | Uint8Array>();
  if (assets !== 'external') return files;
  files.set(`${page}.css`, pageStyle(page, templates, look));
  files.set(`${page}.js`, pageScript(page));
  if (brand?.logo !== undefined) files.set(logoFile(brand.logo), brand.logo.bytes);
  return files;
}
