// A stream of events that the server ends, such as the answer of a language model.

import { baseUrl, check, defineScenario, http, serverEvents } from 'novaperf';

export const options = defineScenario({ component: 'Assistant', load: { rate: 1 } });

export default function ask(): void {
  const response = http.get(`${baseUrl}/events`, { headers: { Accept: 'text/event-stream' }, timeout: '60s' });
  const events = response.status === 200 ? serverEvents(String(response.body)) : [];
  check(events, { 'events: end with done': (all) => all.at(-1)?.event === 'done' });
}
