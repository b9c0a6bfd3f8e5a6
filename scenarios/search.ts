// People search. Open model: they arrive at a rate, whether or not the shop keeps up, so a slow answer does not thin the load
// out; what k6 could not start in time shows as dropped_iterations.

import { SharedArray } from 'k6/data';
import { baseUrl, check, defineScenario, http } from 'novaperf';
import loadQueries from './data/queries.csv';

export const options = defineScenario({
  component: 'Search',
  environment: 'demo',
  description: 'People search for products, popular words more often',
  load: { rate: 20, maxVUs: 100 },
  thresholds: {
    checks: ['rate>0.99'],
    'http_req_duration{name:GET /search}': ['med<150', 'p(90)<300'],
  },
});

const queries = new SharedArray('queries', loadQueries);
const wholeWeight = queries.reduce((sum, { weight }) => sum + weight, 0);

export default function search(): void {
  const query = popularQuery();
  const response = http.get(`${baseUrl}/search?q=${encodeURIComponent(query)}`);
  check(response, {
    'search: answers 200': ({ status }) => status === 200,
    'search: answers what was asked': ({ status }) => status === 200 && response.json('query') === query,
    'search: shows no more than it found': ({ status }) =>
      status === 200 && Number(response.json('items.#')) <= Number(response.json('total')),
  });
}

/** A query of the file, each as likely as its weight says. */
function popularQuery(): string {
  let left = Math.random() * wholeWeight;
  for (const { query, weight } of queries) {
    left -= weight;
    if (left < 0) return query;
  }
  return 'kettle';
}
