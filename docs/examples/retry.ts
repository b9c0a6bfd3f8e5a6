// A gateway that answers 503 under load asks its clients to try again. The metrics `retries` and `retries_succeeded` show what that hides.

import { baseUrl, check, defineScenario, http, retry } from 'novaperf';

export const options = defineScenario({
  component: 'Gateway',
  load: { vus: 10 },
  thresholds: { retries: ['rate<1'] },
});

export default function order(): void {
  const response = retry((attempt) => http.get(`${baseUrl}/flaky`, { tags: { attempt: String(attempt) } }), {
    attempts: 3,
    waitSeconds: 0.2,
    tags: { name: 'GET /flaky' },
  });
  check(response, { 'order: answers 200 in the end': ({ status }) => status === 200 });
}
