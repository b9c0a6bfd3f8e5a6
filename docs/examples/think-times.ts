// Readers who skim most pages and stay on a few: half of the think times are below 2 s, 95 % below 9 s.

import { baseUrl, defineScenario, http, lognormal, think } from 'novaperf';

export const options = defineScenario({ component: 'Catalog', load: { vus: 20 } });

const reading = lognormal(2, 9);

export default function read(): void {
  http.get(`${baseUrl}/products`);
  think(reading);
  http.get(`${baseUrl}/products/1`);
  think(reading);
}
