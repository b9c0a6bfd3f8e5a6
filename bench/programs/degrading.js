// Load on degrading-service.mjs: a plain k6 script with its address in BASE_URL.

import { sleep } from 'k6';
import http from 'k6/http';

export const options = { vus: 2, duration: '100s' };

export default function () {
  http.get(`${__ENV.BASE_URL}/search?q=a`, { tags: { name: 'GET /search' } });
  http.get(`${__ENV.BASE_URL}/health`, { tags: { name: 'GET /health' } });
  sleep(0.3);
}
