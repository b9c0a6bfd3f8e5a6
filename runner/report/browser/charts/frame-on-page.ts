// The room of an interactive chart on the page: it takes the place of the SVGs and their size. What it reads of the page and what it
// writes to it are steps of their own, so that many charts can read first and then write: each turn from one to the other lays out
// the whole page.

import type { Plot } from '../../charts/figure.ts';
import { isBands } from '../../charts/figure.ts';
import { Legend } from './legend.ts';
import type { Size } from './options.ts';

/** The legend of an SVG of the first screen, which stands in the picture. */
const STACKED_LEGEND_PX = 16;
const LEAST_HEIGHT_PX = 110;
/** Below it the plot of a phone is a stripe. */
const LEAST_NARROW_PX = 140;
const LEAST_STACKED_PX = 64;
/** Screens of phones, as in styles/screens.css. */
const NARROW_PX = 640;
/** What a legend of several lines leaves of the height of the SVG. */
const LEAST_SHARE = 0.8;
/** Width that the heights of figures are made for. */
const FIGURE_WIDTH_PX = 960;

function isStacked(plot: Plot): boolean {
  return isBands(plot) && plot.inStack !== undefined;
}

export class FrameOnPage {
  readonly element = document.createElement('div');
  /** What the chart is drawn into. */
  readonly canvas = document.createElement('div');
  readonly legend = new Legend();
  #host: HTMLElement;
  #svgHeight = 0;
  /** Height of the canvas as a share of its width, so that the page does not jump when the SVG goes; undefined until it is known. */
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

  /** As it was measured last; a width of 0 in a fold that has been closed again. */
  get size(): Size {
    return this.#size;
  }

  /** The element is the chart or its legend, or in one of them. */
  has(element: Element | null): boolean {
    return this.element.contains(element) || this.legend.element.contains(element);
  }

  /** Reads how much room the SVG has. */
  look(): void {
    if (this.element.isConnected || this.#ratio !== undefined) return;
    const svgs = [...this.#host.querySelectorAll<HTMLElement>(':scope > .plot')];
    this.#svgHeight = svgs.find(({ offsetHeight }) => offsetHeight > 0)?.offsetHeight ?? 0;
  }

  /** Writes: the chart stands where the SVG stood. */
  place(plot: Plot): void {
    const host = this.#host;
    if (isHalf(plot)) host.classList.remove('is-crowded');
    if (this.element.isConnected) return;
    const last = [...host.querySelectorAll(':scope > .plot')].at(-1);
    if (last === undefined) host.append(this.element);
    else last.after(this.element);
    // The legend of a stacked chart stands in the line of its title.
    if (isStacked(plot)) host.querySelector('figcaption')?.append(this.legend.element);
    host.classList.add('is-live');
  }

  /** Reads what the chart may have of the page. */
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

  /** Writes: names that would be cut next to their title have a row of their own. */
  fit(plot: Plot): void {
    if (isHalf(plot)) this.#host.classList.toggle('is-crowded', this.#isCrowded);
  }

  /** The same chart stands at another place from now on: the page was made again. */
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
    // A fraction of a pixel is enough for an ellipsis, and scrollWidth has whole ones.
    return [...this.#host.querySelectorAll('figcaption h3, .live-name')].some((name) => {
      const text = document.createRange();
      text.selectNodeContents(name);
      return text.getBoundingClientRect().width > name.getBoundingClientRect().width + 0.01;
    });
  }
}

/** One of two that share a row of the first screen. */
function isHalf(plot: Plot): boolean {
  return isBands(plot) && plot.inStack === 'half';
}
