// Replaces the parts of the live page that change, and keeps the reader's state in them.

import type { PageChange } from '../../model/live-event.ts';
import { keepState } from './kept-state.ts';
import { startTables } from './tables.ts';
import { localTimes } from './times.ts';

/** Height of the page's header. */
const HEAD_PX = 120;

/** A part with an open list of options is replaced after this time at the latest. */
const MOST_CHOOSING_MS = 20_000;

interface Block {
  readonly marker: Comment;
  nodes: readonly Node[];
}

/** Called while the page changes. */
interface Followers {
  /** Parts have been replaced; the scroll position is not yet restored. */
  replaced(): void;
  /** The page is up to date. */
  settled(): void;
}

/** The parts of the live page. */
export class LiveBlocks {
  readonly #blocks = new Map<string, Block>();
  #run = '';
  /** HTML of parts that cannot be replaced while the reader uses them. */
  readonly #waiting = new Map<string, string>();
  #isPressed = false;
  /** When a list of options was opened, in milliseconds since 1970; 0 if none is. Closing it without a choice sends no event. */
  #choosingSince = 0;

  constructor(
    private readonly main: HTMLElement,
    private readonly followers: Followers,
  ) {
    // A button that is replaced between press and release gets no click.
    addEventListener('pointerdown', () => {
      this.#isPressed = true;
    });
    // An open list of options closes when its select is replaced.
    for (const name of ['pointerdown', 'keydown']) {
      addEventListener(name, ({ target }) => {
        if (target instanceof HTMLSelectElement) this.#choosingSince = Date.now();
      });
    }
    for (const name of ['change', 'focusout']) {
      addEventListener(name, () => {
        this.#choosingSince = 0;
      });
    }
    for (const name of ['pointerup', 'pointercancel']) {
      addEventListener(name, () => {
        this.#isPressed = false;
        setTimeout(() => this.#settle());
      });
    }
  }

  /** Applies a change to the page. */
  change({ run, blocks }: PageChange): void {
    const isOther = run !== this.#run;
    this.#run = run;
    if (this.#blocks.size === 0) this.main.replaceChildren();
    const wanted = new Set(blocks.map(({ key }) => key));
    for (const [key, block] of this.#blocks) if (!wanted.has(key)) this.#remove(key, block);
    let before: Node | null = null;
    for (const { key, html } of blocks) {
      const block: Block = this.#blocks.get(key) ?? this.#create(key, before);
      before = block.nodes.at(-1) ?? block.marker;
      if (html !== undefined) this.#waiting.set(key, html);
    }
    this.#settle(isOther);
  }

  #create(key: string, before: Node | null): Block {
    const block: Block = { marker: document.createComment(key), nodes: [] };
    if (before === null) this.main.prepend(block.marker);
    else this.main.insertBefore(block.marker, before.nextSibling);
    this.#blocks.set(key, block);
    return block;
  }

  #remove(key: string, { marker, nodes }: Block): void {
    for (const node of [marker, ...nodes]) node.parentNode?.removeChild(node);
    this.#blocks.delete(key);
    this.#waiting.delete(key);
  }

  #settle(isOtherRun = false): void {
    if (this.#isPressed && !isOtherRun) return;
    const anchor = [...this.#blocks.entries()]
      .flatMap(([key, { nodes }]) => nodes.map((node) => ({ key, node })))
      .find(({ node }) => node instanceof Element && node.getBoundingClientRect().bottom > HEAD_PX);
    const byFocus = this.#focusTop() !== undefined;
    const topOf = () => {
      if (byFocus) return this.#focusTop();
      const nodes = anchor === undefined ? [] : (this.#blocks.get(anchor.key)?.nodes ?? []);
      const element = nodes.find((node) => node instanceof Element);
      return element instanceof Element ? element.getBoundingClientRect().top : undefined;
    };
    const topBefore = topOf();
    for (const [key, html] of this.#waiting) {
      const block = this.#blocks.get(key);
      if (block === undefined || (!isOtherRun && (isSelected(block.nodes) || this.#isChoosing(block)))) continue;
      this.#waiting.delete(key);
      this.#replace(block, html, isOtherRun);
    }
    this.followers.replaced();
    const topAfter = topOf();
    if (topBefore !== undefined && topAfter !== undefined && !isOtherRun) scrollBy(0, topAfter - topBefore);
    this.followers.settled();
  }

  #isChoosing({ nodes }: Block): boolean {
    const { activeElement } = document;
    return (
      activeElement instanceof HTMLSelectElement &&
      Date.now() - this.#choosingSince < MOST_CHOOSING_MS &&
      nodes.some((node) => node.contains(activeElement))
    );
  }

  /** Top of the focused control, if it is visible; it keeps its position when parts above it grow. */
  #focusTop(): number | undefined {
    const { activeElement } = document;
    if (activeElement === null || !this.main.contains(activeElement)) return undefined;
    const { top } = activeElement.getBoundingClientRect();
    return top > 0 && top < innerHeight ? top : undefined;
  }

  #replace(block: Block, html: string, isOtherRun: boolean): void {
    const restore = isOtherRun ? () => undefined : keepState(block.nodes);
    const template = document.createElement('template');
    template.innerHTML = html;
    const { content } = template;
    localTimes(content);
    startTables(content);
    for (const node of block.nodes) node.parentNode?.removeChild(node);
    block.nodes = [...content.childNodes];
    block.marker.after(content);
    restore(block.nodes);
  }
}

/** Whether the reader has selected text in it, for example to copy it. */
function isSelected(nodes: readonly Node[]): boolean {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return false;
  return nodes.some((node) => node.isConnected && selection.getRangeAt(0).intersectsNode(node));
}
