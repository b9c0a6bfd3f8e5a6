// A customer logs in, puts two products into the cart and orders them. The business cares how long that takes as a whole and
// whether the order is accepted, so both are metrics of their own, in addition to k6's.

import { group } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import { Rate, Trend } from 'k6/metrics';
import { baseUrl, check, defineScenario, http } from 'novaperf';
import loadUsers from './data/users.csv';
import { think } from './shared/people';

export const options = defineScenario({
  component: 'Checkout',
  environment: 'demo',
  description: 'A customer logs in, fills a cart and orders',
  load: { vus: 10 },
  thresholds: {
    checks: ['rate>0.99'],
    checkout_duration: ['p(95)<1500'],
    'http_req_duration{name:POST /cart/items}': ['p(95)<300'],
  },
});

/** From the login to the accepted order, without the customer's own pauses. */
const checkoutDuration = new Trend('checkout_duration', true);
const orderAccepted = new Rate('order_accepted');

// One copy for all virtual users. Customers need accounts of their own: a cart belongs to the account.
const users = new SharedArray('users', loadUsers);

const PRODUCTS = 200;

export default function checkout(): void {
  const user = users[exec.vu.idInTest % users.length];
  if (user === undefined) exec.test.abort('data/users.csv has no users');
  else buy(user);
  think(0.3, 1);
}

function buy(user: { email: string; password: string }): void {
  let busyMs = 0;

  const token = group('log in', () => {
    const response = post('/login', user);
    busyMs += response.timings.duration;
    const loggedIn = check(response, {
      'login: answers 200': ({ status }) => status === 200,
      'login: gives a token': ({ status }) => status === 200 && typeof response.json('token') === 'string',
    });
    return loggedIn ? String(response.json('token')) : undefined;
  });
  if (token === undefined) {
    orderAccepted.add(false);
    return;
  }

  const headers = { Authorization: `Bearer ${token}` };
  think(0.3, 0.8);

  const filled = group('fill the cart', () => {
    const first = 1 + Math.floor(Math.random() * PRODUCTS);
    const second = (first % PRODUCTS) + 1;
    return [first, second].every((productId) => {
      const response = post('/cart/items', { productId, quantity: 1 }, headers);
      busyMs += response.timings.duration;
      return check(response, {
        'cart: answers 201': ({ status }) => status === 201,
        'cart: holds the product': ({ status }) =>
          status === 201 && response.json(`items.#(productId==${productId})`) !== undefined,
      });
    });
  });
  if (!filled) {
    orderAccepted.add(false);
    return;
  }
  think(0.3, 0.8);

  group('order', () => {
    const response = post('/orders', {}, headers);
    busyMs += response.timings.duration;
    const accepted = check(response, {
      'order: answers 201': ({ status }) => status === 201,
      'order: has a number': ({ status }) => status === 201 && Boolean(response.json('orderId')),
      'order: costs something': ({ status }) => status === 201 && Number(response.json('total')) > 0,
    });
    orderAccepted.add(accepted);
    if (accepted) checkoutDuration.add(busyMs);
  });
}

function post(path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  return http.post(`${baseUrl}${path}`, JSON.stringify(body), {
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}
