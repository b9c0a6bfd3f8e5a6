// A visitor looks at a page of a category, opens one of its products, and sees what is related to it.
// Closed model: so many visitors, each of whom reads a page before asking for the next.

import { baseUrl, check, defineScenario, http } from 'novaperf';
import { pick, think } from './shared/people';

export const options = defineScenario({
  component: 'Catalog',
  environment: 'demo',
  description: 'A visitor lists a category, opens a product and looks at related ones',
  load: { vus: 20 },
  profiles: {
    // Three times the expected visitors may wait longer, but none may be turned away.
    stress: { thresholds: { 'http_req_duration{name:GET /products}': ['p(95)<600'] } },
  },
  thresholds: {
    checks: ['rate>0.99'],
    'http_req_duration{name:GET /products}': ['p(95)<250'],
    'http_req_duration{name:GET /products/:id}': ['p(95)<250'],
    'http_req_duration{name:GET /products/:id/related}': ['p(95)<400'],
  },
});

// Requests are called by method and path, with `:id` for numbers: GET /products/:id. { name: '…' } calls one otherwise.
export default function browse(): void {
  const productId = listCategory(pick(['books', 'games', 'garden', 'kitchen', 'music']));
  think(0.3, 1);
  // Without a product there is nothing to open: the failed check above counts, and the visitor comes back later.
  if (productId === undefined) return;
  openProduct(productId);
  think(0.3, 1);
}

/** Lists a page of the category and returns the id of one of its products. */
function listCategory(category: string): number | undefined {
  const page = pick([1, 2]);
  const response = http.get(`${baseUrl}/products?page=${page}&category=${category}`);
  const listed = check(response, {
    'list: answers 200': ({ status }) => status === 200,
    'list: shows the page asked for': ({ status }) => status === 200 && response.json('page') === page,
    'list: all products are of the category': ({ status }) =>
      status === 200 && response.json(`items.#(category!="${category}")`) === undefined,
  });
  if (!listed) return undefined;
  const ids = response.json('items.#.id');
  const id = Array.isArray(ids) ? ids[Math.floor(Math.random() * ids.length)] : undefined;
  return typeof id === 'number' ? id : undefined;
}

/** The page of a product: the product itself, then the related ones that the page loads after it. */
function openProduct(id: number): void {
  const product = http.get(`${baseUrl}/products/${id}`);
  check(product, {
    'product: answers 200': ({ status }) => status === 200,
    'product: is the one asked for': ({ status }) => status === 200 && product.json('id') === id,
    'product: has a price': ({ status }) => status === 200 && Number(product.json('price')) > 0,
  });

  const related = http.get(`${baseUrl}/products/${id}/related`);
  check(related, {
    'related: answers 200': ({ status }) => status === 200,
    'related: shows four others': ({ status }) =>
      status === 200 && related.json('items.#') === 4 && related.json(`items.#(id==${id})`) === undefined,
  });
}
