// Options for the look of pages: templates, inline or external assets, and the company's brand.

import type { Logo } from './logo.ts';

export interface Presentation {
  /** A folder with files that replace shipped templates of the same name; its `partials/` may contain additional ones. */
  readonly templatesDir?: string;
  /** `inline`: a page is one file. `external`: style sheet, script and logo are files next to it, for servers such as Jenkins that forbid inline ones. */
  readonly assets?: Assets;
  readonly brand?: Brand;
}

/** Where a page has its style sheet, script and logo: in the page or in files next to it. */
export const ASSETS = ['inline', 'external'] as const;
export type Assets = (typeof ASSETS)[number];

/** The company's name and logo at the top of every page. */
export interface Brand {
  readonly title: string | undefined;
  readonly logo: Logo | undefined;
}
