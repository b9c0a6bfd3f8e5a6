// The box of an interactive chart on the page, with the place and size of the SVGs it replaces. Reading the page and writing to it are
// separate steps, so that many charts can first read and then write: every change from writing to reading makes the browser lay out
// the whole page.

import type { Plot } from '../../charts/figure.ts';
import { isBands } from '../../charts/figure.ts';
import { Legend } from './legend.ts';
import type { Size } from './options.ts';

/** Height of the legend within an SVG of the overview. */
const STACKED_LEGEND_PX = 16;
const LEAST_HEIGHT_PX = 110;
/** On phones, a lower plot would be unreadable. */
const LEAST_NARROW_PX = 140;
const LEAST_STACKED_PX = 64;
/** Widest screen of a phone, as in styles/screens.css. */
const NARROW_PX = 640;
/** Least height of the canvas relative to the SVG, below a legend of several lines. */
const LEAST_SHARE = 0.8;
/** The page width for which the heights of figures are chosen. */
const FIGURE_WIDTH_PX = 960;

function isStacked(plot: Plot): boolean {
  return isBands(plot) && plot.inStack !== undefined;
}

/** The box of one chart: legend and canvas. */
export class FrameOnPage {
  readonly element = document.createElement('div');
  /** The element that the chart is drawn into. */
  readonly canvas = document.createElement('div');
  readonly legend = new Legend();
  #host: HTMLElement;
  #svgHeight = 0;
  /** Height of the canvas relative to its width, so that the page does not jump when the SVG disappears; undefined until measured. */
  #ratio: number | undefined;
  #isCrowded = false;
  #size: Size = { width: 0, height: 0 };

  /** `host` holds the SVGs, `div.plot`. */
  constructor(host: HTMLElement) {
    this.#host = host;
    this.element.className = 'live';
    this.canvas.className = 'live-canvas';
    this.element.append(this.legend.element, this.canvas);
  }

  /** The size at the last measurement; the width is 0 in a closed fold. */
  get size(): Size {
    return this.#size;
  }

  /** Whether the element is part of the chart or its legend. */
  has(element: Element | null): boolean {
    return this.element.contains(element) || this.legend.element.contains(element);
  }

  /** Reads the size of the SVG. */
  readPage(): void {
    if (this.element.isConnected || this.#ratio !== undefined) return;
    const svgs = [...this.#host.querySelectorAll<HTMLElement>(':scope > .plot')];
    this.#svgHeight = svgs.find(({ offsetHeight }) => offsetHeight > 0)?.offsetHeight ?? 0;
  }

  /** Writes: puts the chart in the place of the SVG. */
  place(plot: Plot): void {
    const host = this.#host;
    if (isHalf(plot)) host.classList.remove('is-crowded');
    if (this.element.isConnected) return;
    const last = [...host.querySelectorAll(':scope > .plot')].at(-1);
    if (last === undefined) host.append(this.element);
    else last.after(this.element);
    // In the overview the legend is in the line of the title.
    if (isStacked(plot)) host.querySelector('figcaption')?.append(this.legend.element);
    host.classList.add('is-live');
  }

  /** Reads the size that the chart can have. */
  measure(plot: Plot): void {
    this.#isCrowded = isHalf(plot) && this.#hasCutNames();
    const canvasWidth = this.canvas.clientWidth;
    if (canvasWidth === 0) {
      this.#size = { width: 0, height: 0 };
      return;
    }
    this.#ratio ??= this.#ratioOf(plot, canvasWidth);
    const width = Math.max(Math.floor(canvasWidth), 200);
    const isNarrow = innerWidth <= NARROW_PX;
    const least = isStacked(plot)
      ? isNarrow
        ? LEAST_HEIGHT_PX
        : LEAST_STACKED_PX
      : isNarrow
        ? LEAST_NARROW_PX
        : LEAST_HEIGHT_PX;
    this.#size = { width, height: Math.max(Math.round(width * this.#ratio), least) };
  }

  /** Writes: names that do not fit next to the title get their own row. */
  fit(plot: Plot): void {
    if (isHalf(plot)) this.#host.classList.toggle('is-crowded', this.#isCrowded);
  }

  /** Moves the chart to the figure that replaced its figure on a live page. */
  moveTo(host: HTMLElement, plot: Plot): void {
    this.#host = host;
    if (this.#ratio === undefined) return;
    this.element.remove();
    this.place(plot);
    this.fit(plot);
  }

  #ratioOf(plot: Plot, canvasWidth: number): number {
    const height = this.#svgHeight;
    if (height <= 0) return (plot.height / FIGURE_WIDTH_PX) * (canvasWidth < 600 ? 2 : 1);
    if (isStacked(plot)) return (height - STACKED_LEGEND_PX) / canvasWidth;
    return Math.max(height - this.legend.element.offsetHeight, height * LEAST_SHARE) / canvasWidth;
  }

  #hasCutNames(): boolean {
    // Not scrollWidth, which is a whole number: a fraction of a pixel is enough for an ellipsis.
    return [...this.#host.querySelectorAll('figcaption h3, .live-name')].some((name) => {
      const text = document.createRange();
      text.selectNodeContents(name);
      return text.getBoundingClientRect().width > name.getBoundingClientRect().width + 0.01;
    });
  }
}

/** Whether it is one of two charts side by side in the overview. */
function isHalf(plot: Plot): boolean {
  return isBands(plot) && plot.inStack === 'half';
}
