// What can be chosen about how pages look, besides what they say; and the files that stand besides a page whose assets are external.

import type { Logo } from './logo.ts';

export interface Presentation {
  /** A folder whose files replace shipped templates of the same name; `partials/` in it may add new ones. */
  readonly templatesDir?: string;
  /**
   * `inline`: a page is one file. `external`: style sheet, script and logo lie next to it, for servers whose policy forbids
   * inline ones, as Jenkins does.
   */
  readonly assets?: Assets;
  readonly brand?: Brand;
}

export const ASSETS = ['inline', 'external'] as const;
export type Assets = (typeof ASSETS)[number];

/** The company's name and logo at the top of every page. */
export interface Brand {
  readonly title: string | undefined;
  readonly logo: Logo | undefined;
}
