// An interactive chart that replaces an SVG and looks like it, drawn when it comes near the screen.

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
import { FrameOnPage } from './frame-on-page.ts';
import { heatChart } from './heat-chart.ts';
import { steer } from './keyboard.ts';
import { entriesOf } from './legend-entries.ts';
import { type Drawable, drawTogether } from './turns.ts';
import { xyChart } from './xy-chart.ts';

/** The content of a chart. */
export interface Shown {
  readonly plot: Plot;
  /** The label for screen readers. */
  readonly label: string;
  /** Name of its samples in the page's tracks. */
  readonly samples: string;
}

/** A shorter drag is no zoom. */
const LEAST_DRAG_PX = 5;

/** What has to be redrawn: nothing, the points and the time scale, or everything. */
type Due = 'nothing' | 'scale' | 'everything';

/** One chart of the page. */
export class LiveChart implements Drawable {
  readonly #frame: FrameOnPage;
  readonly #spoken = document.createElement('output');
  readonly #hidden = new Set<string>();
  readonly #wasFinger: () => boolean;
  #shown: Shown;
  #axisMs: number;
  #drawn: Drawn | undefined;
  #distribution: DrawnDistribution | undefined;
  /** Whether its distribution is that of the whole run. */
  #isWhole = true;
  #due: Due = 'everything';
  isSeen = false;
  isNear = false;

  /** `host` contains the SVGs (`div.plot`); the chart has their place and size. */
  constructor(host: HTMLElement, shown: Shown, axisMs: number) {
    this.#shown = shown;
    this.#axisMs = axisMs;
    this.#frame = new FrameOnPage(host);
    const { canvas, element } = this.#frame;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'group');
    canvas.setAttribute('aria-roledescription', 'chart');
    this.#spoken.className = 'sr-only';
    element.append(this.#spoken);
    steer(canvas, this);
    this.#wasFinger = pointWithFinger(canvas, this);
  }

  /** The element that is resized with the page. */
  get canvas(): HTMLElement {
    return this.#frame.canvas;
  }

  /** Whether it has to be redrawn. */
  get isStale(): boolean {
    return this.#due !== 'nothing';
  }

  /** Whether the element is one of its controls. */
  has(element: Element | null): boolean {
    return this.#frame.has(element);
  }

  /** Length of the time axis in milliseconds. */
  get axisMs(): number {
    return this.#axisMs;
  }

  /** Sets other content, drawn later. Hidden series stay hidden. */
  show(shown: Shown, axisMs = this.#axisMs): void {
    this.#shown = shown;
    this.#axisMs = axisMs;
    this.#due = 'everything';
  }

  /** Moves to the figure that replaced its figure on the page. */
  moveTo(host: HTMLElement): void {
    this.#frame.moveTo(host, this.#shown.plot);
  }

  /** The visible part of the time axis. */
  get span(): TimeSpan {
    return range.current ?? { fromMs: 0, toMs: this.axisMs };
  }

  /** Possible times of the cursor within the visible part. */
  get times(): readonly number[] {
    const { fromMs, toMs } = this.span;
    return this.#drawn?.times.filter((atMs) => atMs >= fromMs && atMs <= toMs) ?? [];
  }

  /** The time at a horizontal position in the window; undefined if the axis is not time. */
  timeAt(clientX: number): number | undefined {
    const chart = this.#drawn?.chart;
    if (chart === undefined) return undefined;
    const { left, width } = chart.over.getBoundingClientRect();
    return chart.posToVal(Math.min(Math.max(clientX - left, 0), width), 'x');
  }

  /** Marks the part that a zoom would show; undefined removes the mark. */
  mark(span: TimeSpan | undefined): void {
    const chart = this.#drawn?.chart;
    if (chart === undefined) return;
    const left = span === undefined ? 0 : chart.valToPos(span.fromMs, 'x');
    const width = span === undefined ? 0 : chart.valToPos(span.toMs, 'x') - left;
    chart.setSelect({ left, top: 0, width, height: width === 0 ? 0 : chart.over.clientHeight }, false);
  }

  /** Announces the values at the cursor to screen readers. */
  speak(): void {
    this.#spoken.textContent = this.#legend.text;
  }

  /** To be called when the range has changed. */
  ranged(): void {
    if (this.#due === 'nothing') this.#due = this.#shown.plot.kind === 'distribution' ? 'everything' : 'scale';
  }

  /** To be called when the page has changed its size. */
  resized(): void {
    const chart = this.#drawn?.chart ?? this.#distribution?.chart;
    if (chart === undefined) return;
    this.#frame.measure(this.#shown.plot);
    const { width, height } = this.#frame.size;
    if (chart.width !== width || chart.height !== height) this.#due = 'everything';
  }

  /** Draws again, after a change of colours or time zone. */
  redraw(): void {
    this.#drawn?.chart.redraw(false, true);
    this.#distribution?.chart.redraw(false, true);
  }

  /** To be called when the shared cursor has moved. */
  pointed(atMs: number | undefined): void {
    const drawn = this.#drawn;
    if (drawn === undefined || !this.isNear) return;
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

  readPage(): void {
    if (this.#due === 'everything') this.#frame.readPage();
  }

  place(): void {
    if (this.#due !== 'everything') return;
    this.#showLegend();
    this.#frame.place(this.#shown.plot);
  }

  measure(): void {
    if (this.#due === 'everything') this.#frame.measure(this.#shown.plot);
  }

  paint(): void {
    if (this.#due === 'scale' && (this.#drawn ?? this.#distribution) !== undefined) this.#rescale();
    else if (this.#due !== 'nothing') this.#drawAnew();
  }

  #rescale(): void {
    this.#due = 'nothing';
    const chart = this.#drawn?.chart;
    if (chart === undefined) {
      this.#readDistribution();
      return;
    }
    const { plot } = this.#shown;
    if (isBands(plot) && hasPercentiles(plot)) this.#drawn?.renew?.(this.#inRange(plot));
    const { fromMs, toMs } = this.span;
    chart.setScale('x', { min: fromMs, max: toMs });
    this.pointed(cursor.atMs);
  }

  #drawAnew(): void {
    const { plot, label } = this.#shown;
    this.#frame.fit(plot);
    // Not in a closed fold.
    if (this.#frame.size.width === 0) return;
    this.#due = 'nothing';
    this.#drawn?.chart.destroy();
    this.#distribution?.chart.destroy();
    this.#drawn = undefined;
    this.#distribution = undefined;
    this.canvas.setAttribute(
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
    if (plot.kind === 'heatmap') return heatChart(this.canvas, plot, this.#frame.size, () => this.span, more);
    return bandsChart(this.canvas, this.#inRange(plot), this.#frame.size, this.#hidden, () => this.span, more);
  }

  /** The plot with percentile lines as fine as the samples of the range allow. */
  #inRange(plot: BandsPlot): BandsPlot {
    const span = range.current;
    return span === undefined || !hasPercentiles(plot) ? plot : finerIn(span, this.#shown.samples, plot);
  }

  #drawDistribution(plot: DistributionPlot): void {
    const span = range.current;
    const part = span === undefined ? undefined : distributionOf(this.#shown.samples, span, plot);
    this.#isWhole = part === undefined;
    this.#distribution = distributionChart(this.canvas, part ?? plot, this.#frame.size, () => this.#readDistribution());
    this.#readDistribution();
  }

  #drawXy(plot: XyPlot): void {
    this.#isWhole = true;
    this.#distribution = xyChart(this.canvas, plot, this.#frame.size, () => this.#readDistribution());
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

  get #legend() {
    return this.#frame.legend;
  }

  #showLegend(): void {
    const { plot } = this.#shown;
    this.#legend.show(
      entriesOf(plot),
      this.#hidden,
      isBands(plot) && plot.series.length > 1 ? (index) => this.#toggle(index) : undefined,
    );
  }

  #toggle(index: number): void {
    const { plot } = this.#shown;
    const name = isBands(plot) ? plot.series[index]?.name : undefined;
    if (name === undefined) return;
    if (!this.#hidden.delete(name)) this.#hidden.add(name);
    const { element } = this.#legend;
    const hadFocus = element.querySelectorAll('button')[index] === document.activeElement;
    this.#due = 'everything';
    drawTogether([this]);
    if (hadFocus) element.querySelectorAll('button')[index]?.focus();
  }
}
