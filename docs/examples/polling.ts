// A job that the server works on: started, then asked for until it is done. How long that takes as a whole is a metric of its own.

import { Trend } from 'k6/metrics';
import { baseUrl, check, defineScenario, http, poll } from 'novaperf';

export const options = defineScenario({
  component: 'Reports',
  load: { rate: 2 },
  thresholds: { report_ready: ['p(95)<20000'] },
});

const reportReady = new Trend('report_ready', true);

export default function makeReport(): void {
  const started = http.post(`${baseUrl}/jobs`, null);
  if (!check(started, { 'job: answers 202': ({ status }) => status === 202 })) return;
  const url = `${baseUrl}/jobs/${started.json('id')}`;
  const { last, done, durationMs } = poll(
    () => http.get(url),
    (response) => response.status === 200 && response.json('state') === 'done',
    { everySeconds: 0.5, timeoutSeconds: 30 },
  );
  check(last, { 'job: is done within 30 s': () => done });
  if (done) reportReady.add(durationMs);
}
