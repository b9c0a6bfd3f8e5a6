// Ten endpoints of the demo shop at a low, even rate, for comparing real runs of one build.

import { check } from 'k6';
import http from 'k6/http';

const base = __ENV.BASE_URL;
const rate = Number(__ENV.ITERATIONS_PER_S || 5);

export const options = {
  scenarios: {
    shop: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: __ENV.DURATION || '10s',
      preAllocatedVUs: 4 * rate,
      gracefulStop: '2s',
    },
  },
};

export default function shop() {
  const call = (method, path, name, body = null, sent = {}) => {
    const response = http.request(method, `${base}${path}`, body, { headers: sent, tags: { name } });
    check(response, { answers: ({ status }) => status < 300 });
    return response;
  };
  const id = 1 + Math.floor(Math.random() * 200);
  call('GET', '/products', 'GET /products');
  call('GET', '/products?category=books', 'GET /products, one category');
  call('GET', `/products/${id}`, 'GET /products/:id');
  call('GET', `/products/${id}/related`, 'GET /products/:id/related');
  call('GET', '/search?q=atlas', 'GET /search');
  const number = String(1 + Math.floor(Math.random() * 200)).padStart(3, '0');
  const login = { email: `user${number}@shop.test`, password: `pass-${number}` };
  const own = call('POST', '/login', 'POST /login', JSON.stringify(login)).json('token');
  const mine = { Authorization: `Bearer ${own}` };
  call('POST', '/cart/items', 'POST /cart/items', JSON.stringify({ productId: id }), mine);
  call('GET', '/cart', 'GET /cart', null, mine);
  call('POST', '/orders', 'POST /orders', '{}', mine);
  call('DELETE', '/cart', 'DELETE /cart', null, mine);
}
