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

/** The page's select of a kind, filled; undefined where there is nothing to choose from. */
function selectOf(kind: Kind, charts: readonly EndpointCharts[]): HTMLSelectElement | undefined {
  const box = document.querySelector<HTMLElement>(`[data-${kind}-choice]`);
  const select = box?.querySelector('select');
  if (box === null || select === null || select === undefined || charts.length < 2) return undefined;
  charts.forEach(({ name }, index) => {
    select.append(new Option(name, String(index)));
  });
  box.hidden = false;
  return select;
}

/** An endpoint has samples in the scenario, as far as the page knows. */
function isIn({ anchor }: EndpointCharts, scenario: number | undefined): boolean {
  const tracks = currentTracks();
  const track = tracks?.data.drawn[anchor];
  return tracks === undefined || track === undefined || tracks.placeIn(track, scenario) !== NO_SAMPLES;
}

/** Fills the page's selects and calls `choose` with what is chosen, now and later. */
export function startChoice(data: PageData, choose: (chosen: Chosen) => void): void {
  const lists: Record<Kind, readonly EndpointCharts[]> = { scenario: data.scenarios, endpoint: data.endpoints };
  const kinds = ['scenario', 'endpoint'] as const;
  const selects = {
    scenario: selectOf('scenario', data.scenarios),
    endpoint: selectOf('endpoint', data.endpoints),
  };
  let shown: Chosen = {};
  const show = (next: Chosen) => {
    const index = next.scenario === undefined ? undefined : data.scenarios.indexOf(next.scenario);
    for (const kind of kinds) {
      const select = selects[kind];
      const charts = next[kind];
      if (select !== undefined) select.value = charts === undefined ? '' : String(lists[kind].indexOf(charts));
    }
    for (const option of selects.endpoint?.options ?? []) {
      const endpoint = option.value === '' ? undefined : data.endpoints[Number(option.value)];
      option.disabled = endpoint !== undefined && !isIn(endpoint, index);
    }
    if (next.scenario === shown.scenario && next.endpoint === shown.endpoint) return;
    shown = next;
    shownScenario.set(
      next.scenario === undefined || index === undefined ? undefined : { name: next.scenario.name, index },
    );
    choose(next);
  };
  const keep = () => {
    let hash = location.hash;
    for (const kind of kinds) hash = withValue(hash, kind, shown[kind]?.name);
    showFragment(hash);
  };
  for (const kind of kinds) {
    const select = selects[kind];
    select?.addEventListener('change', () => {
      show({ ...shown, [kind]: select.value === '' ? undefined : lists[kind][Number(select.value)] });
      keep();
    });
  }
  // The bar's button shows the whole run again.
  shownScenario.onChange(() => {
    if (shownScenario.current !== undefined || shown.scenario === undefined) return;
    show({ ...shown, scenario: undefined });
    keep();
  });
  const take = () => {
    const { hash } = location;
    const named = <T extends EndpointCharts>(kind: Kind, charts: readonly T[]) =>
      selects[kind] && charts.find(({ name }) => valueIn(hash, kind) === name);
    show({ scenario: named('scenario', data.scenarios), endpoint: named('endpoint', data.endpoints) });
  };
  addEventListener('hashchange', take);
  take();
}
