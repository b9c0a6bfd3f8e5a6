// The choice above the charts: the whole run, one k6 scenario or one endpoint; kept in the fragment of the address.

import type { EndpointCharts, PageData } from '../../page-data-types.ts';
import { showFragment, valueIn, withValue } from '../fragment.ts';

interface Entry {
  /** Its name in the fragment: `scenario=…` or `endpoint=…`. */
  readonly kind: 'scenario' | 'endpoint';
  readonly charts: EndpointCharts;
}

const KINDS = { scenario: 'Scenarios', endpoint: 'Endpoints' } as const;

/** Fills the page's select and calls `choose` with what is chosen, now and later; undefined for the whole run. */
export function startChoice(data: PageData, choose: (charts: EndpointCharts | undefined) => void): void {
  const box = document.querySelector<HTMLElement>('[data-endpoint-choice]');
  const select = box?.querySelector('select');
  const entries = [
    ...data.scenarios.map((charts): Entry => ({ kind: 'scenario', charts })),
    ...data.endpoints.map((charts): Entry => ({ kind: 'endpoint', charts })),
  ];
  if (box === null || select === null || select === undefined || entries.length < 2) return;
  for (const kind of ['scenario', 'endpoint'] as const) {
    const group = document.createElement('optgroup');
    group.label = KINDS[kind];
    entries.forEach((entry, index) => {
      if (entry.kind === kind) group.append(new Option(entry.charts.name, String(index)));
    });
    if (group.childElementCount > 0) select.append(group);
  }
  box.hidden = false;
  let shown: Entry | undefined;
  const show = (entry: Entry | undefined) => {
    select.value = entry === undefined ? '' : String(entries.indexOf(entry));
    if (entry === shown) return;
    shown = entry;
    choose(entry?.charts);
  };
  select.addEventListener('change', () => {
    const entry = select.value === '' ? undefined : entries[Number(select.value)];
    show(entry);
    let hash = location.hash;
    for (const kind of ['scenario', 'endpoint'] as const) {
      hash = withValue(hash, kind, entry?.kind === kind ? entry.charts.name : undefined);
    }
    showFragment(hash);
  });
  const take = () => {
    const { hash } = location;
    show(entries.find(({ kind, charts }) => valueIn(hash, kind) === charts.name));
  };
  addEventListener('hashchange', take);
  take();
}
