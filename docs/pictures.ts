// A kept run's report becomes the pictures of the README: `npx tsx docs/pictures.ts <run folder>`.

import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../runner/system/package-root.ts';
import { launchBrowser } from '../test/report/browser.ts';

const SHOTS = [
  { name: 'report-light', width: 1280, height: 1000, colorScheme: 'light', fragment: '' },
  { name: 'report-dark', width: 1280, height: 1000, colorScheme: 'dark', fragment: '' },
  { name: 'report-phone', width: 390, height: 844, colorScheme: 'light', fragment: '' },
  { name: 'report-charts', width: 1280, height: 1000, colorScheme: 'light', fragment: '#charts&t=40-80' },
] as const;
/** Charts are made when they come near the screen. */
const CHARTS_MS = 2500;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected the folder of a run.');
const browser = await launchBrowser();
for (const { name, width, height, colorScheme, fragment } of SHOTS) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  await page.goto(`${pathToFileURL(join(resolve(folder), 'report.html')).href}${fragment}`);
  await page.waitForTimeout(CHARTS_MS);
  await page.screenshot({ path: join(packageRoot, 'docs', `${name}.png`) });
  await context.close();
}
await browser.close();
