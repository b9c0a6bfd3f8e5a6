// One request per iteration at a rate, and a target for its p95, for real capacity searches.

import http from 'k6/http';

export const options = {
  scenarios: {
    search: {
      executor: 'constant-arrival-rate',
      rate: 10,
      timeUnit: '1s',
      duration: '20s',
      preAllocatedVUs: 20,
      maxVUs: 400,
    },
  },
  thresholds: { 'http_req_duration{name:GET /search}': ['p(95)<400'] },
};

export default function search() {
  http.get(`${__ENV.BASE_URL}/search?q=atlas`, { tags: { name: 'GET /search' } });
}
