// The choices above the charts: a k6 scenario, which the whole page follows, and an endpoint, which the charts follow; kept in the
// fragment of the address.

import type { EndpointCharts, PageData, ScenarioCharts } from '../../page-data-types.ts';
import { NO_SAMPLES } from '../../tracks/tracks.ts';
import { showFragment, valueIn, withValue } from '../fragment.ts';
import { shownScenario } from '../shown-scenario.ts';
import { currentTracks } from '../tracks.ts';

/** What is chosen; undefined for all of a kind. */
export interface Chosen {
  readonly scenario?: ScenarioCharts | undefined;
  readonly endpoint?: EndpointCharts | undefined;
}

/** Names in the fragment, as they are in the page's attributes: `data-scenario-choice`. */
type Kind = keyof Chosen;

/** An endpoint has samples in the scenario, as far as the page knows. */
function isIn({ anchor }: EndpointCharts, scenario: number | undefined): boolean {
  const tracks = currentTracks();
  const track = tracks?.data.drawn[anchor];
  return tracks === undefined || track === undefined || tracks.placeIn(track, scenario) !== NO_SAMPLES;
}

const KINDS = ['scenario', 'endpoint'] as const;

export class Choice {
  #lists: Record<Kind, readonly EndpointCharts[]> = { scenario: [], endpoint: [] };
  #scenarios: readonly ScenarioCharts[] = [];
  readonly #selects = new Map<Kind, HTMLSelectElement>();
  #shown: Chosen = {};

  /** Calls `choose` with what is chosen, now and later. */
  constructor(private readonly choose: (chosen: Chosen) => void) {
    // The bar's button shows the whole run again.
    shownScenario.onChange(() => {
      if (shownScenario.current !== undefined || this.#shown.scenario === undefined) return;
      this.#show({ ...this.#shown, scenario: undefined });
      this.#keep();
    });
    addEventListener('hashchange', () => this.#take());
  }

  /** Fills the page's selects, and shows of this data what the fragment names: with the page, and again when a live page has changed. */
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
