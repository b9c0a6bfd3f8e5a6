import { sleep } from 'k6';
import { baseUrl, check, defineScenario, http } from 'novaperf';

export const options = defineScenario({
  component: 'Catalog',
  description: 'A visitor lists products and opens one',
  load: { vus: 20 }, // the base load, scaled by the profile; { rate: 50 } for an open model
  profiles: { soak: { duration: '2h' } }, // optional: overrides one profile
  thresholds: { 'http_req_duration{name:GET /products}': ['p(95)<250'] },
});

export default function browse(): void {
  const response = http.get(`${baseUrl}/products`);
  check(response, { 'has products': ({ status }) => status === 200 && Number(response.json('items.#')) > 0 });
  sleep(1);
}
