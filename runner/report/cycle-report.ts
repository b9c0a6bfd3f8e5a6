// The results of one cycle → OverallPerformanceReport_<Component>_<date>.md and .html: go or no-go and why, then the figures.

import type { Result } from '../model/result.ts';
import { utc } from '../text/format.ts';
import { renderMarkdownTemplate } from './markdown.ts';
import { renderPage } from './page.ts';
import type { RenderOptions } from './render.ts';
import { loadTemplates } from './template-engine.ts';
import { type CycleFacts, cycleView } from './view/cycle.ts';

export type { CycleFacts };

/**
 * Markdown that is easy to read as source and safe when rendered: only what a renderer would take for markup is changed. `< 300 ms`,
 * `> 95 %`, `http_req_duration` and `p(95)` stay unchanged; a `<` before a letter becomes `‹`.
 */
export function readableMarkdown(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/<(?=[A-Za-z/!?])/g, '‹')
    .replace(/&(?=#?\w+;)/g, '＆')
    .replaceAll('|', '/')
    .replaceAll('`', "'")
    .replace(/[\\*[\]~]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/^(\s*)(#+|[-+]|>(?! ?\d)|\d+\.)(?=\s)/, '$1\\$2');
}

/** The report as Markdown. Links to pictures and reports are relative to `facts.outDir`. */
export function renderCycleReport(results: readonly Result[], facts: CycleFacts): string {
  return renderMarkdownTemplate('cycle', cycleView(results, facts), loadTemplates(), readableMarkdown);
}

/** Options of the cycle's page. */
export interface CyclePageOptions extends RenderOptions {
  /** SVGs of each run, by run name. */
  readonly pictures?: ReadonlyMap<string, readonly { readonly title: string; readonly svg: string }[]>;
  /** Name of the Markdown file next to the page. */
  readonly markdownFile?: string;
}

/** The report as an HTML page, with each scenario's verdict, figures and pictures in a fold. */
export function renderCyclePage(results: readonly Result[], facts: CycleFacts, options: CyclePageOptions = {}): string {
  const { pictures, markdownFile = '' } = options;
  const view = cycleView(results, facts);
  const runs = view.runs.map((run, index) => {
    const drawn = pictures?.get(results[index]?.run ?? '') ?? [];
    const images = drawn.map(({ title, svg }) => ({
      title,
      src: `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`,
    }));
    return { ...run, images, hasImages: images.length > 0 };
  });
  const heading = `${view.component} · ${view.began}`;
  const page = {
    ...view,
    runs,
    markdownFile,
    isOne: runs.length === 1,
    printed: utc(new Date(facts.endedAtMs).toISOString()),
  };
  return renderPage('index', page, loadTemplates(options.templatesDir), '', { ...options, heading, template: 'cycle' });
}
