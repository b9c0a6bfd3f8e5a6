// The choice above the charts: of the whole run, or of one endpoint.

import type { EndpointCharts } from '../../page-data-types.ts';

/** Fills the page's select with these endpoints and calls `choose` with the one that is chosen; undefined for all of them. */
export function startEndpointChoice(
  endpoints: readonly EndpointCharts[],
  choose: (endpoint: EndpointCharts | undefined) => void,
): void {
  const box = document.querySelector<HTMLElement>('[data-endpoint-choice]');
  const select = box?.querySelector('select');
  if (box === null || select === null || select === undefined || endpoints.length < 2) return;
  for (const { name, anchor } of endpoints) select.append(new Option(name, anchor));
  box.hidden = false;
  select.addEventListener('change', () => choose(endpoints.find(({ anchor }) => anchor === select.value)));
}
