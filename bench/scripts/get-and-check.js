// One GET and one check per iteration without pause: the load of the bench.

import { check } from 'k6';
import http from 'k6/http';

export const options = { vus: 10, iterations: Number(__ENV.REQUESTS) };

export default function () {
  const response = http.get(`${__ENV.TARGET_URL}/products`);
  check(response, { 'status is 200': ({ status }) => status === 200 });
}
