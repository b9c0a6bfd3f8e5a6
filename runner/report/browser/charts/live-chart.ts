// One place on the page where an SVG gives way to an interactive chart that looks alike, once it comes near the screen.

import type uPlot from 'uplot';
import { elapsed } from '../../../text/format.ts';
import {
  type BandsPlot,
  type DistributionPlot,
  type HeatmapPlot,
  isBands,
  isOverTime,
  type Plot,
  type XyPlot,
} from '../../charts/figure.ts';
import { hasPercentiles } from '../../tracks/finer-lines.ts';
import { range, type TimeSpan } from '../range.ts';
import { finerIn } from '../tracks.ts';
import { zone } from '../zone.ts';
import { bandsChart } from './bands-chart.ts';
import { cursor } from './cursor.ts';
import { type DrawnDistribution, distributionChart } from './distribution-chart.ts';
import { distributionOf } from './distributions.ts';
import type { Drawn } from './drawn.ts';
import { pointWithFinger } from './finger.ts';
import { heatChart } from './heat-chart.ts';
import { steer } from './keyboard.ts';
import { Legend, type LegendEntry } from './legend.ts';
import type { Size } from './options.ts';
import { xyChart } from './xy-chart.ts';

export interface Shown {
  readonly plot: Plot;
  /** What screen readers call it. */
  readonly label: string;
  /** Whose samples a distribution shows, as the page's tracks call them. */
  readonly samples: string;
}

/** A slip of the mouse is no zoom. */
const LEAST_DRAG_PX = 5;
const LEAST_HEIGHT_PX = 110;
/** Of the SVG, which has its legend inside. */
const STACKED_LEGEND_PX = 16;
/** In a stack of charts. */
const LEAST_STACKED_PX = 64;
/** Screens of phones, as in styles/screens.css. */
const NARROW_PX = 640;
/** What a legend of several lines leaves of the height of the SVG. */
const LEAST_SHARE = 0.8;

export class LiveChart {
  readonly #element = document.createElement('div');
  readonly #canvas = document.createElement('div');
  readonly #legend = new Legend();
  readonly #spoken = document.createElement('output');
  readonly #hidden = new Set<string>();
  readonly #wasFinger: () => boolean;
  #shown: Shown;
  #drawn: Drawn | undefined;
  #distribution: DrawnDistribution | undefined;
  /** Its distribution is that of the whole run. */
  #isWhole = true;
  /** Height of the canvas as a share of its width, so that the page does not jump when the SVG goes. */
  #ratio = 0;
  #isNear = false;
  #isStale = true;

  /** `host` holds the SVGs, `div.plot`; the chart takes their place and their size. */
  constructor(
    readonly host: HTMLElement,
    shown: Shown,
    readonly axisMs: number,
  ) {
    this.#shown = shown;
    this.#element.className = 'live';
    this.#canvas.className = 'live-canvas';
    this.#canvas.tabIndex = 0;
    this.#canvas.setAttribute('role', 'group');
    this.#canvas.setAttribute('aria-roledescription', 'chart');
    this.#spoken.className = 'sr-only';
    this.#element.append(this.#legend.element, this.#canvas, this.#spoken);
    steer(this.#canvas, this);
    this.#wasFinger = pointWithFinger(this.#canvas, this);
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
  }

  /** Near the screen it is drawn and kept up to date; further away it waits. */
  set isNear(isNear: boolean) {
    this.#isNear = isNear;
    if (!isNear) return;
    this.#refresh();
    this.pointed(cursor.atMs);
  }

  /** Another figure in this place, with what was hidden still hidden. */
  show(shown: Shown): void {
    this.#shown = shown;
    this.#rebuild();
  }

  /** The part of the time axis that is drawn. */
  get span(): TimeSpan {
    return range.current ?? { fromMs: 0, toMs: this.axisMs };
  }

  /** Where a cursor can stand inside the drawn part. */
  get times(): readonly number[] {
    const { fromMs, toMs } = this.span;
    return this.#drawn?.times.filter((atMs) => atMs >= fromMs && atMs <= toMs) ?? [];
  }

  /** Time at this many pixels from the left edge of the plot; undefined where the axis is not time. */
  timeAt(clientX: number): number | undefined {
    const chart = this.#drawn?.chart;
    if (chart === undefined) return undefined;
    const { left, width } = chart.over.getBoundingClientRect();
    return chart.posToVal(Math.min(Math.max(clientX - left, 0), width), 'x');
  }

  /** Marks a stretch as about to be zoomed to; undefined takes the mark away. */
  mark(span: TimeSpan | undefined): void {
    const chart = this.#drawn?.chart;
    if (chart === undefined) return;
    const left = span === undefined ? 0 : chart.valToPos(span.fromMs, 'x');
    const width = span === undefined ? 0 : chart.valToPos(span.toMs, 'x') - left;
    chart.setSelect({ left, top: 0, width, height: width === 0 ? 0 : chart.over.clientHeight }, false);
  }

  /** Says what the cursor stands on, for those who hear the page. */
  speak(): void {
    this.#spoken.textContent = this.#legend.text;
  }

  /** The range has changed. */
  ranged(): void {
    if (!isOverTime(this.#shown.plot)) this.#isStale = true;
    else if (this.#isNear) this.#rescale();
    else this.#isStale = true;
    this.#refresh();
  }

  /** Colours or the zone of its times have changed. */
  redraw(): void {
    this.#drawn?.chart.redraw(false, true);
    this.#distribution?.chart.redraw(false, true);
  }

  /** The shared cursor stands somewhere else. */
  pointed(atMs: number | undefined): void {
    const drawn = this.#drawn;
    if (drawn === undefined || !this.#isNear) return;
    const { fromMs, toMs } = this.span;
    if (atMs === undefined || atMs < fromMs || atMs > toMs) {
      drawn.chart.setCursor({ left: -10, top: -10 }, false);
      this.#legend.read('', []);
      return;
    }
    const top = drawn.chart.over.matches(':hover') ? (drawn.chart.cursor.top ?? 0) : 0;
    const standsAt = drawn.times[drawn.chart.valToIdx(atMs)] ?? atMs;
    drawn.chart.setCursor({ left: drawn.chart.valToPos(standsAt, 'x'), top: Math.max(top, 0) }, false);
    this.#legend.read(this.#moment(standsAt), drawn.readingsAt(standsAt));
  }

  /** `02:10, 14:03:12 UTC`. */
  #moment(atMs: number): string {
    const { plot } = this.#shown;
    const startedAtMs = isOverTime(plot) ? plot.startedAtMs : 0;
    return `${elapsed(atMs)}, ${zone.text(startedAtMs + atMs)}`;
  }

  #refresh(): void {
    if (!this.#isNear || !this.#isStale) return;
    if (this.#drawn === undefined || !isOverTime(this.#shown.plot)) this.#rebuild();
    else this.#rescale();
  }

  #rescale(): void {
    this.#isStale = false;
    const chart = this.#drawn?.chart;
    if (chart === undefined) return;
    const { plot } = this.#shown;
    if (isBands(plot) && hasPercentiles(plot)) this.#drawn?.renew?.(this.#inRange(plot));
    const { fromMs, toMs } = this.span;
    chart.setScale('x', { min: fromMs, max: toMs });
    this.pointed(cursor.atMs);
  }

  #takePlace(): void {
    if (this.#element.isConnected) return;
    const svg = [...this.host.querySelectorAll<HTMLElement>(':scope > .plot')].find(
      ({ offsetHeight }) => offsetHeight > 0,
    );
    const height = svg?.offsetHeight ?? 0;
    const { plot } = this.#shown;
    // The legend of a stacked chart stands in the line of its title.
    const isStacked = isBands(plot) && plot.inStack !== undefined;
    const width = this.host.clientWidth;
    const last = [...this.host.querySelectorAll(':scope > .plot')].at(-1);
    if (last === undefined) this.host.append(this.#element);
    else last.after(this.#element);
    if (isStacked) this.host.querySelector('figcaption')?.append(this.#legend.element);
    this.host.classList.add('is-live');
    const legendHeight = this.#legend.element.offsetHeight;
    const ratio = this.#shown.plot.height / 960;
    this.#ratio =
      height > 0
        ? (isStacked ? height - STACKED_LEGEND_PX : Math.max(height - legendHeight, height * LEAST_SHARE)) /
          this.#canvas.clientWidth
        : ratio * (width < 600 ? 2 : 1);
  }

  get #size(): Size {
    const width = Math.max(Math.floor(this.#canvas.clientWidth), 200);
    const { plot } = this.#shown;
    const isStacked = isBands(plot) && plot.inStack !== undefined;
    const least = isStacked && innerWidth > NARROW_PX ? LEAST_STACKED_PX : LEAST_HEIGHT_PX;
    return { width, height: Math.max(Math.round(width * this.#ratio), least) };
  }

  #resize(): void {
    const chart = this.#drawn?.chart ?? this.#distribution?.chart;
    const { width, height } = this.#size;
    if (chart === undefined || !this.#isNear || (chart.width === width && chart.height === height)) return;
    this.#rebuild();
  }

  #rebuild(): void {
    if (!this.#isNear) {
      this.#isStale = true;
      return;
    }
    this.#isStale = false;
    this.#showLegend();
    this.#takePlace();
    this.#fitLegend();
    if (this.#canvas.clientWidth === 0) {
      // In a fold that has been closed again.
      this.#isStale = true;
      return;
    }
    this.#drawn?.chart.destroy();
    this.#distribution?.chart.destroy();
    this.#drawn = undefined;
    this.#distribution = undefined;
    const { plot, label } = this.#shown;
    this.#canvas.setAttribute(
      'aria-label',
      !isOverTime(plot)
        ? label
        : `${label} Arrow keys move the cursor, plus and minus zoom, Escape shows the whole run.`,
    );
    if (isOverTime(plot)) this.#drawn = this.#draw(plot);
    else if (plot.kind === 'xy') this.#drawXy(plot);
    else this.#drawDistribution(plot);
    this.pointed(cursor.atMs);
  }

  #draw(plot: BandsPlot | HeatmapPlot): Drawn {
    const more = {
      cursor: {
        y: false,
        points: { show: isBands(plot), size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            range.set(undefined);
            return null;
          },
        },
      },
      hooks: {
        setSelect: [(chart: uPlot) => this.#selected(chart)],
        setCursor: [(chart: uPlot) => this.#moved(chart)],
      },
    } satisfies Pick<uPlot.Options, 'cursor' | 'hooks'>;
    if (plot.kind === 'heatmap') return heatChart(this.#canvas, plot, this.#size, () => this.span, more);
    return bandsChart(this.#canvas, this.#inRange(plot), this.#size, this.#hidden, () => this.span, more);
  }

  /** Its percentile lines as fine as samples allow. */
  #inRange(plot: BandsPlot): BandsPlot {
    const span = range.current;
    return span === undefined || !hasPercentiles(plot) ? plot : finerIn(span, this.#shown.samples, plot);
  }

  #drawDistribution(plot: DistributionPlot): void {
    const span = range.current;
    const part = span === undefined ? undefined : distributionOf(this.#shown.samples, span, plot);
    this.#isWhole = part === undefined;
    this.#distribution = distributionChart(this.#canvas, part ?? plot, this.#size, () => this.#readDistribution());
    this.#readDistribution();
  }

  #drawXy(plot: XyPlot): void {
    this.#isWhole = true;
    this.#distribution = xyChart(this.#canvas, plot, this.#size, () => this.#readDistribution());
    this.#readDistribution();
  }

  #readDistribution(): void {
    this.#legend.read(range.current !== undefined && this.#isWhole ? 'whole run' : '', [
      this.#distribution?.reading() ?? '',
    ]);
  }

  #selected(chart: uPlot): void {
    const { left, width } = chart.select;
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width < LEAST_DRAG_PX) return;
    range.set({ fromMs: chart.posToVal(left, 'x'), toMs: chart.posToVal(left + width, 'x') });
  }

  #moved(chart: uPlot): void {
    const { left = -1 } = chart.cursor;
    if (left < 0 && this.#wasFinger()) return;
    cursor.set(left < 0 ? undefined : chart.posToVal(left, 'x'));
  }

  #showLegend(): void {
    const { plot } = this.#shown;
    this.#legend.show(
      entriesOf(plot),
      this.#hidden,
      isBands(plot) && plot.series.length > 1 ? (index) => this.#toggle(index) : undefined,
    );
  }

  /** Names that would be cut next to their title have a row of their own. */
  #fitLegend(): void {
    const { plot } = this.#shown;
    if (!isBands(plot) || plot.inStack !== 'half') return;
    this.host.classList.remove('is-crowded');
    const names = [...this.host.querySelectorAll('figcaption h3, .live-name')];
    // A fraction of a pixel is enough for an ellipsis, and scrollWidth has whole ones.
    const isCut = names.some((name) => {
      const text = document.createRange();
      text.selectNodeContents(name);
      return text.getBoundingClientRect().width > name.getBoundingClientRect().width + 0.01;
    });
    this.host.classList.toggle('is-crowded', isCut);
  }

  #toggle(index: number): void {
    const { plot } = this.#shown;
    const name = isBands(plot) ? plot.series[index]?.name : undefined;
    if (name === undefined) return;
    if (!this.#hidden.delete(name)) this.#hidden.add(name);
    const entry = this.#legend.element.querySelectorAll('button')[index];
    const hadFocus = entry === document.activeElement;
    this.#rebuild();
    if (hadFocus) this.#legend.element.querySelectorAll('button')[index]?.focus();
  }
}

function entriesOf(plot: Plot): LegendEntry[] {
  if (plot.kind === 'distribution') return [{ name: 'samples', ink: 'ok', dash: [], isArea: true }];
  if (plot.kind === 'xy') {
    const name = plot.yLabel === '' ? plot.xLabel : `${plot.yLabel} by ${plot.xLabel}`;
    return [{ name, ink: plot.ink, dash: [], isArea: false }];
  }
  if (plot.kind === 'heatmap') return [{ name: 'samples', ink: 'heat4', dash: [], isArea: true }];
  return plot.series.map(({ name, ink, dash, style }) => ({
    name,
    ink,
    dash,
    isArea: style === 'area' || style === 'range',
  }));
}
