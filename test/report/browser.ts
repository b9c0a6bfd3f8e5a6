// A real headless Chromium from npm, opened for a test; also on machines without the libraries that it is linked against.

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Runs `work` with environment variables set, and puts back what was there. */
async function withEnvironment<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

async function chromiumVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  let folder = dirname(main);
  while (!existsSync(join(folder, 'bin'))) folder = dirname(folder);
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}

/**
 * Unpacks the browser, its fonts and the shared libraries that it may miss, once per machine and version. The package
 * unpacks to os.tmpdir() and takes whatever lies there for whole; unpacking into a folder next to it and renaming that keeps two test runs that
 * begin together, and one that was killed, from leaving half a browser. The Lambda variable makes it unpack the libraries.
 */
async function unpacked(): Promise<string> {
  const home = join(tmpdir(), `novaperf-chromium-${await chromiumVersion()}`);
  if (existsSync(join(home, 'chromium'))) return home;
  const scratch = await mkdtemp(`${home}-`);
  await withEnvironment(
    { TMPDIR: scratch, AWS_LAMBDA_JS_RUNTIME: 'nodejs20.x', LD_LIBRARY_PATH: '', FONTCONFIG_PATH: '' },
    async () => {
      const { default: pack } = await import('@sparticuz/chromium');
      await pack.executablePath();
    },
  );
  try {
    await rename(scratch, home);
  } catch {
    // Another run was quicker; its copy is as good.
    await rm(scratch, { recursive: true, force: true });
  }
  return home;
}

/** The one of this worker: mocha's workers run several files each, and starting a browser takes longer than many a test. */
let shared: Promise<Browser> | undefined;

/** A browser; give it back with releaseBrowser(). */
export async function launchBrowser(): Promise<Browser> {
  // Without workers nothing would end it.
  if (process.env.MOCHA_WORKER_ID === undefined) return startBrowser();
  if (shared === undefined || !(await shared).isConnected()) shared = startBrowser();
  return shared;
}

/** Closes what was opened in it. */
export async function releaseBrowser(browser: Browser): Promise<void> {
  if (browser === (await shared)) await Promise.all(browser.contexts().map((context) => context.close()));
  else await browser.close();
}

/** Tries the machine's own libraries first, then those of the package. */
async function startBrowser(): Promise<Browser> {
  const home = await unpacked();
  const launch = (env: Record<string, string>) =>
    chromium.launch({
      executablePath: join(home, 'chromium'),
      headless: true,
      // Without a sandbox, for CI runs as root; nothing but our own pages is opened.
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'],
      env: { ...stringsOf(process.env), ...env },
    });
  try {
    return await launch({});
  } catch {
    return launch({ LD_LIBRARY_PATH: join(home, 'al2023', 'lib'), FONTCONFIG_PATH: join(home, 'fonts') });
  }
}

function stringsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

export interface OpenedPage {
  readonly page: Page;
  /** Everything the console said above `log`, and every uncaught exception. */
  readonly complaints: string[];
  /** Addresses that the page asked for, next to itself. */
  readonly requests: string[];
}

/** Opens a page as a person would, in a fresh context. `place`: the path of a file of HTML, or a URL; each may end with a fragment. */
export async function openPage(
  browser: Browser,
  place: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const address = place.includes('://') ? place : `file://${place}`;
  const own = address.split('#')[0];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  // Longer than a busy machine takes; mocha's limit is a little longer still.
  context.setDefaultTimeout(110_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith('data:') && url.split('#')[0] !== own) requests.push(url);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return { page, complaints, requests };
}
