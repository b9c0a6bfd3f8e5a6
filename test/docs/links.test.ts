// Every relative link of the documentation leads to a file that exists, and every anchor to a heading of it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../runner/system/package-root.ts';

const PAGES = [
  'README.md',
  'templates/README.md',
  'conport/README.md',
  ...readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];

/** A page without its code, where brackets are no links and # is no heading. */
function prose(page: string): string {
  return readFileSync(join(packageRoot, page), 'utf8')
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .replaceAll(/^ {4}.*$/gm, '');
}

/** The anchors that git hosts give to a page's headings: lower case, without punctuation, spaces as dashes, numbered when repeated. */
function anchorsOf(page: string): Set<string> {
  const times = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    const before = times.get(anchor) ?? 0;
    times.set(anchor, before + 1);
    anchors.add(before === 0 ? anchor : `${anchor}-${before}`);
  }
  return anchors;
}

/** Links and pictures, inline and by reference, that stay in the repository. */
function linksOf(page: string): string[] {
  const text = prose(page).replaceAll(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, link = '']) => link);
  const references = [...text.matchAll(/^\[[^\]]+\]: +(\S+)/gm)].map(([, link = '']) => link);
  return [...inline, ...references].filter((link) => !/^[a-z]+:/i.test(link));
}

/** Why a link is broken; undefined if it works. */
function complaintAbout(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
  if (target.startsWith('..')) return `${page}: ${link} leads out of the repository`;
  if (!existsSync(join(packageRoot, target))) return `${page}: ${link} leads to no file`;
  if (anchor === undefined) return undefined;
  if (!target.endsWith('.md')) return `${page}: ${link} has an anchor in a file without headings`;
  return anchorsOf(target).has(anchor) ? undefined : `${page}: ${link} leads to no heading`;
}

describe('links of the documentation', () => {
  it('lead to files and headings that exist', () => {
    const links = PAGES.flatMap((page) => linksOf(page).map((link) => ({ page, link })));
    expect(links.length).to.be.above(60);
    expect(links.map(({ page, link }) => complaintAbout(page, link)).filter(Boolean)).to.deep.equal([]);
  });

  it('are reported if their file or heading is missing', () => {
    const wrong = ['absent.md', '#no-such-heading', 'docs/configuration.md#no-such-heading', '../outside.md'];
    expect(wrong.filter((link) => complaintAbout('README.md', link) === undefined)).to.deep.equal([]);
    expect(complaintAbout('README.md', 'docs/configuration.md#secrets')).to.equal(undefined);
  });

  it('reach every page of docs/ from the README', () => {
    const reached = new Set(linksOf('README.md').map((link) => link.split('#')[0]));
    expect(PAGES.filter((page) => page.startsWith('docs/') && !reached.has(page))).to.deep.equal([]);
  });
});
