// The charts of a page that is made again every second while the run goes on: they move to the new figures and show the newer data.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { drawInTurn } from './turns.ts';

export class LiveBoard extends Board {
  /** Newer data of the same page, or of that of the next run: charts that are alive show it, others come to life or go. */
  update(data: PageData): void {
    this.data = data;
    const before = new Map(this.places.map((place) => [place.data.name, place]));
    this.places = data.charts.flatMap((chartData) => {
      const known = before.get(chartData.name)?.chart;
      before.delete(chartData.name);
      return this.placeOf(chartData, known);
    });
    for (const { figure } of before.values()) this.#forget(figure);
    this.rehome();
    drawInTurn(this.charts.values());
  }

  /** Figures of the page were replaced by others of the same names: the charts stand in those. */
  rehome(): void {
    const hosts = new Map([...this.charts].map(([host, chart]) => [chart, host]));
    this.places = this.places.map((place) => {
      const figure = document.getElementById(place.figure.id);
      const host = hosts.get(place.chart);
      if (figure === null || host === undefined || host === figure) return place;
      this.#forget(host);
      place.chart.moveTo(figure);
      this.keep(figure, place.chart);
      return { ...place, figure };
    });
  }

  /** Remembers which control of a chart has the focus; the function that comes back gives it to it again. */
  keepFocus(): () => void {
    const { activeElement } = document;
    const isOurs = [...this.charts.values()].some((chart) => chart.has(activeElement));
    return () => {
      if (isOurs && activeElement instanceof HTMLElement && activeElement !== document.activeElement)
        activeElement.focus({ preventScroll: true });
    };
  }

  #forget(host: Element): void {
    this.charts.delete(host);
    this.seen.unobserve(host);
    this.near.unobserve(host);
  }
}
