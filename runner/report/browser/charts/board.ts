// All charts of the page: which figure each shows, for the whole run, an endpoint or a scenario, and their common events.

import { type ChartData, unpackPlot } from '../../charts/chart-data.ts';
import type { ChosenChart, EndpointCharts, PageData, ScenarioCharts } from '../../page-data-types.ts';
import { range } from '../range.ts';
import { onThemeChange } from '../theme.ts';
import { currentTracks } from '../tracks.ts';
import { zone } from '../zone.ts';
import type { Chosen } from './choice.ts';
import { cursor } from './cursor.ts';
import { showData } from './data-table.ts';
import { plotInScenario } from './endpoint-in-scenario.ts';
import { LiveChart, type Shown } from './live-chart.ts';
import { drawInTurn } from './turns.ts';

/** Charts are drawn when they are this close to the screen, so that they are ready when the reader scrolls to them. */
const NEAR_PX = 500;

const ENDPOINT_TITLES: Readonly<Record<string, string>> = {
  latency: 'Percentiles over time',
  throughput: 'Requests per second, with errors',
  vus: 'Busy VUs',
  distribution: 'Distribution',
  percentiles: 'Percentile curve',
};

/** The texts of a chart. */
interface Words {
  readonly title: string;
  readonly takeaway: string;
}

/** A figure of the page with its chart, the whole run's data and the texts of report.html. */
export interface Place {
  readonly chart: LiveChart;
  readonly data: ChartData;
  readonly figure: HTMLElement;
  readonly words: Words;
}

/** The sentence in the paragraph below a chart's title, which can have marks before it. */
function sentenceIn(paragraph: Element): Text {
  const last = [...paragraph.childNodes].reverse().find((node) => node instanceof Text);
  if (last !== undefined) return last;
  const made = new Text('');
  paragraph.append(made);
  return made;
}

function wordsOf(figure: HTMLElement): Words {
  const paragraph = figure.querySelector('figcaption p');
  const title = figure.querySelector('figcaption h3')?.textContent ?? '';
  return { title, takeaway: paragraph === null ? '' : sentenceIn(paragraph).data };
}

function setWords(figure: HTMLElement, { title, takeaway }: Words): void {
  const head = figure.querySelector('figcaption h3');
  const paragraph = figure.querySelector<HTMLElement>('figcaption p');
  if (head !== null) head.textContent = title;
  if (paragraph === null) return;
  sentenceIn(paragraph).data = takeaway;
  paragraph.hidden = takeaway === '';
}

const MARK = 'choice-mark';

/** Marks a chart that does not show what was chosen. */
function mark(figure: HTMLElement, words: string): void {
  const paragraph = figure.querySelector<HTMLElement>('figcaption p');
  if (paragraph === null) return;
  const tag = document.createElement('span');
  tag.className = `tag ${MARK}`;
  tag.textContent = words;
  paragraph.prepend(tag);
  paragraph.hidden = false;
}

function unmark(figure: HTMLElement): void {
  figure.classList.remove('is-empty');
  for (const tag of figure.querySelectorAll(`.${MARK}`)) tag.remove();
}

/** Whether all samples of the endpoint are of the scenario; false if the page has no data on that. */
function isOnlyIn({ anchor }: EndpointCharts, scenario: ScenarioCharts, { scenarios, tracks }: PageData): boolean {
  const track = tracks?.drawn[anchor];
  return track !== undefined && tracks?.scenarios?.[scenarios.indexOf(scenario)]?.[track] === track;
}

/** The data in the layout of the run's chart: charts of the overview keep their height and axis, whatever they show. */
function inPlaceOf({ plot: run }: ChartData, { name, plot }: ChartData): ChartData {
  if (!('inStack' in run) || run.inStack === undefined || !('phases' in plot)) return { name, plot };
  return { name, plot: { ...plot, inStack: run.inStack, height: run.height } };
}

/** The charts of report.html. */
export class Board {
  protected readonly charts = new Map<Element, LiveChart>();
  protected data: PageData;
  protected places: readonly Place[] = [];
  protected readonly seen = this.#watch('isSeen', 0);
  protected readonly near = this.#watch('isNear', NEAR_PX);
  /** The original texts of figures, from report.html. */
  readonly #words = new WeakMap<HTMLElement, Words>();
  readonly #sizes = new ResizeObserver((entries) => {
    const canvases = new Set(entries.map(({ target }) => target));
    const resized = [...this.charts.values()].filter(({ canvas }) => canvases.has(canvas));
    for (const chart of resized) chart.resized();
    drawInTurn(resized);
  });

  /** To be called after the range has begun and the page's tracks are set. */
  constructor(data: PageData) {
    this.data = data;
    range.onChange(() => {
      for (const chart of this.charts.values()) chart.ranged();
      drawInTurn(this.charts.values());
    });
    cursor.onChange((atMs) => {
      for (const chart of this.charts.values()) chart.pointed(atMs);
    });
    for (const listen of [onThemeChange, (redraw: () => void) => zone.onChange(redraw)]) {
      listen(() => {
        for (const chart of this.charts.values()) chart.redraw();
      });
    }
    this.begin();
  }

  /** Updates `isSeen` or `isNear` of every chart, and draws charts that come within `marginPx` of the screen. */
  #watch(what: 'isSeen' | 'isNear', marginPx: number): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        const changed = entries.flatMap(({ target, isIntersecting }) => {
          const chart = this.charts.get(target);
          if (chart === undefined) return [];
          chart[what] = isIntersecting;
          // A chart off the screen does not follow the cursor.
          if (isIntersecting && !chart.isStale) chart.pointed(cursor.atMs);
          return [chart];
        });
        drawInTurn(changed);
      },
      { rootMargin: `${marginPx}px 0px` },
    );
  }

  /** Starts the charts of the run that have a figure on the page. */
  protected begin(): void {
    this.places = this.data.charts.flatMap((chartData) => this.placeOf(chartData));
  }

  /** The place of a chart of the run, with the existing chart `known` if given; empty if the page has no figure for it. */
  protected placeOf(data: ChartData, known?: LiveChart): Place[] {
    const figure = document.getElementById(`chart-${data.name}`);
    if (figure === null) return [];
    const words = this.#words.get(figure) ?? wordsOf(figure);
    this.#words.set(figure, words);
    const shown = this.#ofRun(data, words);
    known?.show(shown, this.data.axisMs);
    return [{ chart: known ?? this.#chart(figure, shown), data, figure, words }];
  }

  /** Starts the charts of an endpoint when its fold is opened. */
  unfold(): void {
    for (const endpoint of this.data.endpoints) this.#unfold(endpoint);
  }

  /**
   * Shows the charts of an endpoint or scenario instead of those of the run. A chart that still shows the whole run is marked; a chart
   * without data for the choice is empty.
   */
  choose({ scenario, endpoint }: Chosen): void {
    const isShared = scenario !== undefined && endpoint !== undefined && !isOnlyIn(endpoint, scenario, this.data);
    const chosen = endpoint ?? scenario;
    for (const place of this.places) {
      const { data, figure, words } = place;
      const own = chosen?.charts.find(({ name }) => name === data.name);
      const fallback = endpoint === undefined ? undefined : scenario?.charts.find(({ name }) => name === data.name);
      unmark(figure);
      if (chosen === undefined) {
        this.#showRun(place);
      } else if (own !== undefined) {
        const title = `${chosen.name}: ${own.title ?? ENDPOINT_TITLES[own.name] ?? words.title}`;
        if (isShared && scenario !== undefined) this.#showShared(place, own, chosen, scenario, title);
        else this.#showChosen(place, own, chosen, title);
      } else if (scenario !== undefined && fallback !== undefined) {
        const title = `${scenario.name}: ${fallback.title ?? words.title}`;
        this.#showChosen(place, fallback, scenario, title);
        mark(figure, 'All endpoints');
      } else if (scenario !== undefined && !scenario.undivided.includes(data.name)) {
        setWords(figure, {
          title: `${scenario.name}: ${words.title}`,
          takeaway: 'This scenario has no samples, or too few.',
        });
        figure.classList.add('is-empty');
      } else {
        this.#showRun(place);
        mark(figure, scenario === undefined ? 'All endpoints' : 'Whole run, all scenarios');
      }
    }
    drawInTurn(this.charts.values());
  }

  #showRun({ chart, data, figure, words }: Place): void {
    setWords(figure, words);
    showData(figure, undefined);
    chart.show(this.#ofRun(data, words));
  }

  #showChosen({ chart, data, figure }: Place, own: ChosenChart, chosen: EndpointCharts, title: string): void {
    setWords(figure, { title, takeaway: own.takeaway ?? '' });
    const shown = this.#ofChosen(inPlaceOf(data, own), chosen, title);
    showData(figure, shown.plot);
    chart.show(shown);
  }

  /** Shows the chart of an endpoint in one of several scenarios that request it; if the page cannot make it, that of all scenarios, marked. */
  #showShared(place: Place, own: ChosenChart, endpoint: EndpointCharts, scenario: ScenarioCharts, title: string): void {
    const { chart, data, figure } = place;
    const tracks = currentTracks();
    const index = this.data.scenarios.indexOf(scenario);
    const { plot } = this.#ofChosen(inPlaceOf(data, own), endpoint, title);
    const divided = tracks && plotInScenario(own.name, plot, endpoint.anchor, index, tracks);
    if (divided === undefined) {
      this.#showChosen(place, own, endpoint, title);
      mark(figure, 'All scenarios');
      return;
    }
    const words = `${scenario.name}, ${title}`;
    setWords(figure, { title: words, takeaway: '' });
    showData(figure, divided);
    chart.show({ plot: divided, label: `${words}.`, samples: endpoint.anchor });
  }

  #chart(host: HTMLElement, shown: Shown): LiveChart {
    const chart = new LiveChart(host, shown, this.data.axisMs);
    this.keep(host, chart);
    this.#sizes.observe(chart.canvas);
    return chart;
  }

  protected keep(host: Element, chart: LiveChart): void {
    this.charts.set(host, chart);
    this.seen.observe(host);
    this.near.observe(host);
  }

  #ofRun(data: ChartData, { title, takeaway }: Words): Shown {
    return {
      plot: unpackPlot(data.plot),
      label: `${title}. ${takeaway}`,
      samples: 'primary',
    };
  }

  #ofChosen(data: ChartData, { anchor }: EndpointCharts, label: string): Shown {
    return {
      plot: unpackPlot(data.plot),
      label: `${label}.`,
      samples: anchor,
    };
  }

  /** An endpoint's fold has a place for its latency chart; places for its other charts are added when it is first opened. */
  #unfold(endpoint: EndpointCharts): void {
    const fold = document.getElementById(endpoint.anchor);
    const first = fold?.querySelector<HTMLElement>('.fold-chart');
    if (!(fold instanceof HTMLDetailsElement) || first === null || first === undefined) return;
    let isMade = false;
    const make = () => {
      if (isMade || !fold.open) return;
      isMade = true;
      let last = first;
      for (const data of endpoint.charts) {
        const title = ENDPOINT_TITLES[data.name] ?? data.name;
        let host = first;
        if (data.name !== 'latency') {
          host = document.createElement('div');
          host.className = 'fold-chart';
          const head = document.createElement('h4');
          head.textContent = title;
          host.append(head);
          last.after(host);
          last = host;
        }
        this.#chart(host, this.#ofChosen(data, endpoint, `${endpoint.name}: ${title.toLowerCase()}`));
      }
    };
    fold.addEventListener('toggle', make);
    make();
  }
}
