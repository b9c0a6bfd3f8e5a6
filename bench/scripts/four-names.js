// Four names, two statuses, a check: its JSON stream is the file for comparing parsers.

import { check } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

const PATHS = ['/products', '/products/7', '/cart', '/missing'];

export const options = { vus: 10, iterations: Number(__ENV.REQUESTS) };

export default function () {
  const path = PATHS[exec.scenario.iterationInTest % PATHS.length];
  const response = http.get(`${__ENV.TARGET_URL}${path}`, { tags: { name: `GET ${path}` } });
  check(response, { 'the server answered': ({ status }) => status > 0 });
}
