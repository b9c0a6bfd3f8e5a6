// Command lines to compare: k6 alone, and each way to measure it, for a number of requests.

import { join } from 'node:path';
import type { K6 } from '../runner/k6/find.ts';
import { k6Command } from '../runner/k6/launch.ts';
import { K6_SCRIPTS, NOVAPERF, type Program } from './compile.ts';
import type { Pipeline } from './counted.ts';
import { flagsOf } from './script-variables.ts';

/** What a case runs. */
export interface LoadRequest {
  readonly k6: K6;
  readonly programs: Readonly<Record<Program, string>>;
  readonly targetUrl: string;
  readonly requests: number;
  /** An empty folder, removed afterwards. */
  readonly folder: string;
}

/** A way to run k6. */
export interface LoadCase {
  readonly id: 'bare' | 'histograms' | 'samples' | 'readline' | 'dashboard';
  readonly title: string;
  pipeline(request: LoadRequest): Pipeline;
  /** A file that exists in the folder after a complete run. */
  readonly leaves?: string;
}

const SCRIPT = join(K6_SCRIPTS, 'get-and-check.js');

function variables({ targetUrl, requests }: LoadRequest): string[] {
  return flagsOf({ TARGET_URL: targetUrl, REQUESTS: String(requests) });
}

function bareK6(request: LoadRequest): string[] {
  return [request.k6.path, 'run', '--no-usage-report', ...variables(request), SCRIPT];
}

function novaperf(request: LoadRequest, stream: 'histograms' | 'samples'): string[] {
  const { folder, k6 } = request;
  const where = ['--out', join(folder, 'reports'), '--conport', join(folder, 'conport')];
  return [
    process.execPath,
    NOVAPERF,
    'run',
    SCRIPT,
    '--k6',
    k6.path,
    '--stream',
    stream,
    ...where,
    ...variables(request),
  ];
}

/** k6 with its default summary. */
export const BARE: LoadCase = {
  id: 'bare',
  title: 'its default summary (bare k6)',
  pipeline: (request) => ({ stages: [bareK6(request)] }),
};

/** The ways to measure k6. */
export const CASES: readonly LoadCase[] = [
  {
    id: 'histograms',
    title: 'novaperf, histograms stream (default)',
    pipeline: (request) => ({ stages: [novaperf(request, 'histograms')] }),
    leaves: 'reports/index.html',
  },
  {
    id: 'dashboard',
    title: 'its web dashboard with HTML export',
    pipeline: (request) => ({
      stages: [bareK6(request)],
      env: {
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_PORT: '-1',
        // It exports nothing for runs shorter than three periods of 10 s by default.
        K6_WEB_DASHBOARD_PERIOD: '500ms',
        K6_WEB_DASHBOARD_EXPORT: join(request.folder, 'dashboard.html'),
      },
    }),
    leaves: 'dashboard.html',
  },
  {
    id: 'samples',
    title: 'novaperf, samples stream (any stock k6)',
    pipeline: (request) => ({ stages: [novaperf(request, 'samples')] }),
    leaves: 'reports/index.html',
  },
  {
    id: 'readline',
    title: '`--out json=-` into readline + JSON.parse',
    pipeline: (request) => {
      const { k6, programs } = request;
      const [path, ...flags] = k6Command({ k6, variables: {}, args: variables(request), stream: 'samples' });
      // The last argument is "-", the script on stdin.
      return {
        stages: [
          [path, ...flags.slice(0, -1), SCRIPT],
          [process.execPath, programs['read-readline']],
        ],
      };
    },
  },
];
