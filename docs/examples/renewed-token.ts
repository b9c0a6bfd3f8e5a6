// A token that is valid for a few minutes, in a soak of hours: every VU logs in again shortly before its token expires.

import { baseUrl, check, defineScenario, http, renewed } from 'novaperf';

export const options = defineScenario({ component: 'Orders', load: { vus: 10 } });

const token = renewed(() => {
  const response = http.post(`${baseUrl}/oauth/token`, { grant_type: 'client_credentials', client_id: 'load-test' });
  if (!check(response, { 'token: answers 200': ({ status }) => status === 200 })) return undefined;
  return { value: String(response.json('access_token')), expiresInSeconds: Number(response.json('expires_in')) };
});

export default function listOrders(): void {
  const bearer = token();
  if (bearer === undefined) return;
  const response = http.get(`${baseUrl}/orders`, { headers: { Authorization: `Bearer ${bearer}` } });
  check(response, { 'orders: answers 200': ({ status }) => status === 200 });
}
