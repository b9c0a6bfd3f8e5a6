// All charts of the page: which figure stands where, for the whole run or for one endpoint, and what they hear of together.

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

/** How far from the screen a chart is made: it is there when it is scrolled to. */
const NEAR_PX = 500;

const ENDPOINT_TITLES: Readonly<Record<string, string>> = {
  latency: 'Percentiles over time',
  throughput: 'Requests per second, with errors',
  vus: 'Busy VUs',
  distribution: 'Distribution',
  percentiles: 'Percentile curve',
};

interface Words {
  readonly title: string;
  readonly takeaway: string;
}

/** A chart of the whole run, and the words above it as the server wrote them. */
export interface Place {
  readonly chart: LiveChart;
  readonly data: ChartData;
  readonly figure: HTMLElement;
  readonly words: Words;
}

/** The sentence in the paragraph below a chart's title; before it may stand what else the page marks it with. */
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

function say(figure: HTMLElement, { title, takeaway }: Words): void {
  const head = figure.querySelector('figcaption h3');
  const paragraph = figure.querySelector<HTMLElement>('figcaption p');
  if (head !== null) head.textContent = title;
  if (paragraph === null) return;
  sentenceIn(paragraph).data = takeaway;
  paragraph.hidden = takeaway === '';
}

const MARK = 'choice-mark';

/** Says that a chart is not of what was chosen. */
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

/** All samples of the endpoint are of the scenario, as far as the page knows. */
function isOnlyIn({ anchor }: EndpointCharts, scenario: ScenarioCharts, { scenarios, tracks }: PageData): boolean {
  const track = tracks?.drawn[anchor];
  return track !== undefined && tracks?.scenarios?.[scenarios.indexOf(scenario)]?.[track] === track;
}

/** A chart of the first screen keeps its place in the stack, whatever it shows. */
function inPlaceOf({ plot: run }: ChartData, { name, plot }: ChartData): ChartData {
  if (!('inStack' in run) || run.inStack === undefined || !('phases' in plot)) return { name, plot };
  return { name, plot: { ...plot, inStack: run.inStack, height: run.height } };
}

export class Board {
  protected readonly charts = new Map<Element, LiveChart>();
  protected data: PageData;
  protected places: readonly Place[] = [];
  protected readonly seen = this.#watch('isSeen', 0);
  protected readonly near = this.#watch('isNear', NEAR_PX);
  /** The words of figures that may show something chosen, as the server wrote them. */
  readonly #words = new WeakMap<HTMLElement, Words>();
  readonly #sizes = new ResizeObserver((entries) => {
    const canvases = new Set(entries.map(({ target }) => target));
    const resized = [...this.charts.values()].filter(({ canvas }) => canvases.has(canvas));
    for (const chart of resized) chart.resized();
    drawInTurn(resized);
  });

  /** Call it when the range has begun and the page's tracks are there. */
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

  /** Keeps `isSeen` or `isNear` of every chart, which has `marginPx` around the screen, and draws what comes there. */
  #watch(what: 'isSeen' | 'isNear', marginPx: number): IntersectionObserver {
    return new IntersectionObserver(
      (entries) => {
        const changed = entries.flatMap(({ target, isIntersecting }) => {
          const chart = this.charts.get(target);
          if (chart === undefined) return [];
          chart[what] = isIntersecting;
          // While it was away it has not followed the cursor.
          if (isIntersecting && !chart.isStale) chart.pointed(cursor.atMs);
          return [chart];
        });
        drawInTurn(changed);
      },
      { rootMargin: `${marginPx}px 0px` },
    );
  }

  /** Charts of the run come to life where the page has places for them. */
  protected begin(): void {
    this.places = this.data.charts.flatMap((chartData) => this.placeOf(chartData));
  }

  /** Where a chart of the run stands; `known` goes on there, where it is one. None where the page has no figure for it. */
  protected placeOf(data: ChartData, known?: LiveChart): Place[] {
    const figure = document.getElementById(`chart-${data.name}`);
    if (figure === null) return [];
    const words = this.#words.get(figure) ?? wordsOf(figure);
    this.#words.set(figure, words);
    const shown = this.#ofRun(data, words);
    known?.show(shown, this.data.axisMs);
    return [{ chart: known ?? this.#chart(figure, shown), data, figure, words }];
  }

  /** Charts of endpoints come to life as their folds are opened. */
  unfold(): void {
    for (const endpoint of this.data.endpoints) this.#unfold(endpoint);
  }

  /**
   * Shows the charts of an endpoint or scenario in the places of the run's. A chart that still shows the whole run says so,
   * and one that what is chosen has no data for is empty.
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
        say(figure, {
          title: `${scenario.name}: ${words.title}`,
          takeaway: 'Too few samples in this scenario, or none.',
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
    say(figure, words);
    showData(figure, undefined);
    chart.show(this.#ofRun(data, words));
  }

  #showChosen({ chart, data, figure }: Place, own: ChosenChart, chosen: EndpointCharts, title: string): void {
    say(figure, { title, takeaway: own.takeaway ?? '' });
    const shown = this.#ofChosen(inPlaceOf(data, own), chosen, title);
    showData(figure, shown.plot);
    chart.show(shown);
  }

  /** An endpoint's chart in one of several scenarios that ask for it; one that the page cannot make is of all of them, and says so. */
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
    say(figure, { title: words, takeaway: '' });
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

  /** An endpoint's fold has a place for its latency; its other charts get theirs when it is opened first. */
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
