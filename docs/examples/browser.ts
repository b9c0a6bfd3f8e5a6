// A page in a real browser: k6 measures Web Vitals, browser_web_vital_lcp and others. A few browsers next to a load of requests.

import { check } from 'k6';
import { browser } from 'k6/browser';
import { baseUrl } from 'novaperf';

// A browser needs options of its own for each k6 scenario, so this is a plain k6 script: `novaperf run browser.ts`.
export const options = {
  scenarios: {
    visit: {
      executor: 'constant-vus',
      vus: 1,
      duration: '30s',
      options: { browser: { type: 'chromium' } },
    },
  },
  thresholds: { browser_web_vital_lcp: ['p(75)<2500'] },
};

export default async function visit(): Promise<void> {
  const page = await browser.newPage();
  try {
    const response = await page.goto(`${baseUrl}/`);
    check(response, { 'page: answers 200': (answer) => answer?.status() === 200 });
  } finally {
    await page.close();
  }
}
