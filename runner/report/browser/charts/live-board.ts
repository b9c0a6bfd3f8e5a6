// The charts of the live page. They move to the figures of each update and show its data.

import type { PageData } from '../../page-data-types.ts';
import { Board } from './board.ts';
import { drawInTurn } from './turns.ts';

/** The charts of a live page, where figures and data change. */
export class LiveBoard extends Board {
  /** Shows newer data, also that of the next run: existing charts are updated, others are added or removed. */
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

  /** Moves charts to the figures that replaced theirs. */
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

  /** Remembers which control of a chart has the focus; the returned function restores it. */
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
