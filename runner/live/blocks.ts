// A rendered report goes in as text; its parts come out, so that only those that changed have to be sent.

/** The parts of the page's main element by name, in their order. */
export type Blocks = ReadonlyMap<string, string>;

export interface PageParts {
  readonly title: string;
  readonly blocks: Blocks;
  /** The packed data block. */
  readonly data: string;
}

/** What is no tag in a page is escaped, so this finds tags and nothing else. */
const SECTION_TAG = /<(\/?)section\b[^>]*>/g;

/**
 * Title, data block and parts of a page that our templates made: each section that stands in <main> on its own is a part, named
 * for its id or its heading's, and so is whatever stands between two of them.
 */
export function partsOf(page: string): PageParts {
  const main = between(page, /<main[^>]*>/, '</main>');
  const blocks = new Map<string, string>();
  const add = (name: string, html: string) => {
    if (html.trim() === '') return;
    let key = name;
    for (let copy = 2; blocks.has(key); copy++) key = `${name}-${copy}`;
    blocks.set(key, html.trim());
  };
  let depth = 0;
  let from = 0;
  let last = 'top';
  for (const tag of main.matchAll(SECTION_TAG)) {
    const isEnd = tag[1] === '/';
    if (isEnd) depth--;
    if (depth === 0) {
      const to = isEnd ? tag.index + tag[0].length : tag.index;
      const html = main.slice(from, to);
      if (isEnd) {
        last = nameOf(html);
        add(last, html);
      } else add(`after-${last}`, html);
      from = to;
    }
    if (!isEnd) depth++;
  }
  add(`after-${last}`, main.slice(from));
  return {
    title: between(page, /<title>/, '</title>'),
    blocks,
    data: between(page, /<script type="application\/octet-stream" id="page-data">/, '</script>').trim(),
  };
}

function nameOf(section: string): string {
  const [tag = ''] = /^\s*<section\b[^>]*>/.exec(section) ?? [];
  return /\bid="([^"]+)"/.exec(tag)?.[1] ?? /\baria-labelledby="([^"]+)"/.exec(tag)?.[1] ?? 'section';
}

/** The text after the first match of `start` up to the next `end`; '' where either is missing. */
function between(text: string, start: RegExp, end: string): string {
  const found = start.exec(text);
  if (found === null) return '';
  const from = found.index + found[0].length;
  const to = text.indexOf(end, from);
  return to === -1 ? '' : text.slice(from, to);
}
