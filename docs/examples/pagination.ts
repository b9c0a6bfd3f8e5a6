// A user reads a list to its end, by the links that the server gives.

import { baseUrl, check, defineScenario, http, nextLink, pages } from 'novaperf';

export const options = defineScenario({ component: 'Orders', load: { vus: 5 } });

export default function readAll(): void {
  for (const page of pages(`${baseUrl}/items?page=1`, (url) => http.get(url), nextLink, { max: 20 })) {
    check(page, { 'page: answers 200': ({ status }) => status === 200 });
  }
}
