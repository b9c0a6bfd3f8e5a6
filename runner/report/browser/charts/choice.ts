// The selects above the charts: a k6 scenario, which filters the whole page, and an endpoint, which filters the charts. The URL's fragment
// keeps both.

import type { EndpointCharts, PageData, ScenarioCharts } from '../../page-data-types.ts';
import { NO_SAMPLES } from '../../tracks/tracks.ts';
import { showFragment, valueIn, withValue } from '../fragment.ts';
import { shownScenario } from '../shown-scenario.ts';
import { currentTracks } from '../tracks.ts';

/** The chosen scenario and endpoint; undefined for all. */
export interface Chosen {
  readonly scenario?: ScenarioCharts | undefined;
  readonly endpoint?: EndpointCharts | undefined;
}

/** Names in the fragment and in the page's attributes: `data-scenario-choice`. */
type Kind = keyof Chosen;

/** Whether an endpoint has samples in the scenario; true if the page has no data on that. */
function isIn({ anchor }: EndpointCharts, scenario: number | undefined): boolean {
  const tracks = currentTracks();
  const track = tracks?.data.drawn[anchor];
  return tracks === undefined || track === undefined || tracks.placeIn(track, scenario) !== NO_SAMPLES;
}

const KINDS = ['scenario', 'endpoint'] as const;

/** The selects, kept in step with the fragment. */
export class Choice {
  #lists: Record<Kind, readonly EndpointCharts[]> = { scenario: [], endpoint: [] };
  #scenarios: readonly ScenarioCharts[] = [];
  readonly #selects = new Map<Kind, HTMLSelectElement>();
  #shown: Chosen = {};

  /** `choose` is called after every change of the choice. */
  constructor(private readonly choose: (chosen: Chosen) => void) {
    // The button of the range bar can also clear the scenario.
    shownScenario.onChange(() => {
      if (shownScenario.current !== undefined || this.#shown.scenario === undefined) return;
      this.#show({ ...this.#shown, scenario: undefined });
      this.#keep();
    });
    addEventListener('hashchange', () => this.#take());
  }

  /** Fills the selects and applies the choice of the fragment. To be called once, and again after every change of a live page. */
  update({ scenarios, endpoints }: PageData): void {
    this.#scenarios = scenarios;
    this.#lists = { scenario: scenarios, endpoint: endpoints };
    for (const kind of KINDS) this.#fill(kind);
    const before = this.#shown;
    this.#take();
    if (this.#shown === before && (before.scenario ?? before.endpoint) !== undefined) this.choose(before);
  }

  #fill(kind: Kind): void {
    const box = document.querySelector<HTMLElement>(`[data-${kind}-choice]`);
    const select = box?.querySelector('select');
    const names = this.#lists[kind].map(({ name }) => name);
    this.#selects.delete(kind);
    if (box === null || select === null || select === undefined || names.length < 2) return;
    this.#selects.set(kind, select);
    box.hidden = false;
    const [all, ...filled] = select.options;
    if (all === undefined || String(filled.map(({ text }) => text)) === String(names)) return;
    select.replaceChildren(all, ...names.map((name, index) => new Option(name, String(index))));
    select.onchange = () => {
      this.#show({ ...this.#shown, [kind]: select.value === '' ? undefined : this.#lists[kind][Number(select.value)] });
      this.#keep();
    };
  }

  #show(next: Chosen): void {
    const index = next.scenario === undefined ? undefined : this.#scenarios.indexOf(next.scenario);
    for (const kind of KINDS) {
      const select = this.#selects.get(kind);
      const charts = next[kind];
      if (select !== undefined) select.value = charts === undefined ? '' : String(this.#lists[kind].indexOf(charts));
    }
    for (const option of this.#selects.get('endpoint')?.options ?? []) {
      const endpoint = option.value === '' ? undefined : this.#lists.endpoint[Number(option.value)];
      option.disabled = endpoint !== undefined && !isIn(endpoint, index);
    }
    if (next.scenario === this.#shown.scenario && next.endpoint === this.#shown.endpoint) return;
    this.#shown = next;
    shownScenario.set(
      next.scenario === undefined || index === undefined ? undefined : { name: next.scenario.name, index },
    );
    this.choose(next);
  }

  #keep(): void {
    let hash = location.hash;
    for (const kind of KINDS) hash = withValue(hash, kind, this.#shown[kind]?.name);
    showFragment(hash);
  }

  #take(): void {
    const named = <T extends EndpointCharts>(kind: Kind, charts: readonly T[]) =>
      this.#selects.get(kind) && charts.find(({ name }) => valueIn(location.hash, kind) === name);
    this.#show({ scenario: named('scenario', this.#scenarios), endpoint: named('endpoint', this.#lists.endpoint) });
  }
}
