// NAMES endpoints in turn: its JSON stream is the file for comparing whole commands.

import exec from 'k6/execution';
import http from 'k6/http';

export const options = { vus: 10, iterations: Number(__ENV.REQUESTS) };

export default function () {
  const path = `/products/${exec.scenario.iterationInTest % Number(__ENV.NAMES)}`;
  http.get(`${__ENV.TARGET_URL}${path}`, { tags: { name: `GET ${path}` } });
}
