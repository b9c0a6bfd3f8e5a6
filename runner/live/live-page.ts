// The page of --live: it shows each run of the cycle, sends changes to every open browser, and can stop the run.

import { readFile } from 'node:fs/promises';
import type { FinishedRun, LiveBar, LiveEvent, PageChange } from '../model/live-event.ts';
import type { RunMetrics } from '../model/metrics.ts';
import type { Result } from '../model/result.ts';
import { type PageParts, renderPage } from '../report/page.ts';
import type { Presentation } from '../report/presentation.ts';
import { renderRunParts } from '../report/render.ts';
import { loadTemplates } from '../report/template-engine.ts';
import { statusMark } from '../report/view/verdict.ts';
import { messageOf } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { nearPath } from '../system/near-path.ts';
import { packageVersion } from '../system/package-root.ts';
import { EventStream } from './event-stream.ts';
import { type PageServer, servePage } from './page-server.ts';
import { type Progress, progressOf, progressText } from './progress.ts';
import type { RunEvent, RunListener } from './run-event.ts';
import { type LivePresentation, WatchedRun } from './watched-run.ts';

const UPDATE_EVERY_MS = 1000;
/** The most time that rendering may take, as a share of the runner's time: after a slow render, updates are skipped. */
const MAX_RENDER_SHARE = 0.2;

export interface LivePageOptions {
  /** undefined: any free port. */
  readonly port: number | undefined;
  readonly interrupt: Interrupt;
  /** The templates, title and logo of the reports. */
  readonly presentation?: Presentation;
  /** Reports a problem of the page. The run continues. */
  readonly warn: (text: string) => void;
}

/** The live page of a cycle: its server, its state, and the listener for the events of the cycle. */
export class LivePage {
  readonly #stream = new EventStream();
  readonly #presentation: LivePresentation;
  readonly #shell: string;
  #server: PageServer | undefined;
  #run: WatchedRun | undefined;
  #progress: Progress | undefined;
  #stage: LiveBar['stage'] = 'waiting';
  #waitsFor = 'the first scenario';
  readonly #finishedRuns: FinishedRun[] = [];
  /** The last run with a report, until the page shows the report. */
  #ended: { readonly result: Result; readonly metrics: RunMetrics } | undefined;
  #trouble = '';
  readonly #reports: string[] = [];
  #runName = '';
  #parts: PageParts = { title: 'Live run', pieces: new Map(), data: '' };
  #nextMs = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly options: LivePageOptions) {
    const { assets: _, ...presentation } = options.presentation ?? {};
    const templates = loadTemplates(presentation.templatesDir);
    this.#presentation = { templates, presentation };
    this.#shell = renderPage('live', { novaperfVersion: packageVersion }, templates, '', presentation);
    this.#timer = setInterval(() => this.#update(), UPDATE_EVERY_MS);
    this.#timer.unref();
  }

  /** Opens the port. Throws a UserError if the port is not free. */
  static async open(options: LivePageOptions): Promise<LivePage> {
    const page = new LivePage(options);
    page.#server = await servePage(options.port, {
      page: () => page.#shell,
      events: (response) => {
        // With other pages open, the next update renders for all of them.
        if (page.#stream.readers === 0) page.#render();
        return page.#stream.open(response, page.#all());
      },
      report: async (number) => {
        const path = page.#reports[number];
        return path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined);
      },
      stop: () => {
        if (!options.interrupt.isRequested) options.interrupt.request();
        page.#update();
      },
      warn: options.warn,
    });
    return page;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** Receives the events of the cycle. The page shows them with its next update. */
  readonly listener: RunListener = (event) => {
    switch (event.kind) {
      case 'scenario':
        this.#stage = 'waiting';
        this.#waitsFor = event.plan.name;
        this.#trouble = '';
        return;
      case 'load':
        this.#ended = undefined;
        this.#run = new WatchedRun(event.facts, event.kpis, event.soFar, this.#presentation);
        this.#runName = event.facts.run;
        this.#stage = 'running';
        this.#progress = undefined;
        return;
      case 'tick':
        if (this.#run !== undefined) this.#progress = progressOf(event.tick, this.#run.facts.plan);
        return;
      case 'trouble':
        this.#trouble = event.text;
        this.#update();
        return;
      case 'load-ended':
        if (this.#stage === 'running') this.#stage = 'reporting';
        return;
      case 'finished':
        this.#finished(event);
        return;
      case 'failed':
        this.#run = undefined;
        this.#finishedRuns.push({
          name: event.scenario,
          word: `Could not run: ${event.error.message}`,
          tone: 'bad',
          href: null,
          file: '',
        });
        this.#update();
        return;
      case 'idle':
      case 'log':
        return;
    }
  };

  /** The page shows the report of the run until the next run starts. */
  #finished({ result, metrics, report }: Extract<RunEvent, { kind: 'finished' }>): void {
    this.#ended = { result, metrics };
    this.#run = undefined;
    const { word, tone } = statusMark(result.status);
    this.#finishedRuns.push({
      name: result.scenario,
      word,
      tone: tone === 'neutral' ? 'warn' : tone,
      href: report === null ? null : `reports/${this.#reports.length}`,
      file: report === null ? '' : nearPath(report),
    });
    if (report !== null) this.#reports.push(report);
    this.#update();
  }

  /** Sends the last message to every open page and closes the port. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#run = undefined;
    this.#stage = 'ended';
    await this.#stream.close({ bar: this.#bar() }, () => this.#all());
    await this.#server?.close();
  }

  /** Renders and sends the changes, if a page is open. */
  #update(): void {
    if (this.#stream.readers === 0) return;
    const change = this.#render();
    this.#stream.send(change === undefined ? { bar: this.#bar() } : { bar: this.#bar(), page: change }, () =>
      this.#all(),
    );
  }

  /** Renders the page at its next time or at the end of a run. Returns the changes, undefined if it did not render. */
  #render(): PageChange | undefined {
    const startedMs = performance.now();
    if (this.#ended === undefined && (this.#run === undefined || startedMs < this.#nextMs)) return undefined;
    try {
      const parts = this.#ended === undefined ? this.#run?.render() : this.#report(this.#ended);
      this.#ended = undefined;
      return parts && this.#replace(parts);
    } catch (error) {
      this.options.warn(`Live page stopped updating; the test is still running: ${messageOf(error)}`);
      this.#run = undefined;
      this.#ended = undefined;
      return undefined;
    } finally {
      const tookMs = performance.now() - startedMs;
      this.#nextMs = startedMs + Math.max(UPDATE_EVERY_MS * 0.9, tookMs / MAX_RENDER_SHARE);
    }
  }

  #report({ result, metrics }: { readonly result: Result; readonly metrics: RunMetrics }): PageParts {
    return renderRunParts(result, metrics, this.#presentation.presentation);
  }

  /** Keeps the new parts. Returns the change from the parts before. */
  #replace(parts: PageParts): PageChange {
    const before = this.#parts.pieces;
    this.#parts = parts;
    return this.#pageChange(([key, html]) => (before.get(key) === html ? { key } : { key, html }));
  }

  #all(): LiveEvent {
    return { bar: this.#bar(), page: this.#pageChange(([key, html]) => ({ key, html })) };
  }

  #pageChange(blockOf: (entry: [string, string]) => { key: string; html?: string }): PageChange {
    const { title, data, pieces } = this.#parts;
    return { run: this.#runName, title, data, blocks: [...pieces].map(blockOf) };
  }

  #bar(): LiveBar {
    return {
      stage: this.#stage,
      text: this.#trouble === '' ? this.#text() : `${this.#text()}. ${this.#trouble}`,
      isStopping: this.options.interrupt.isRequested,
      finished: this.#finishedRuns,
    };
  }

  #text(): string {
    const facts = this.#run?.facts;
    switch (this.#stage) {
      case 'waiting':
        return `Preparing ${this.#waitsFor}`;
      case 'running': {
        if (facts === undefined) return 'Running';
        const progress = this.#progress ?? progressOf({ elapsedMs: 0, loadedMs: undefined }, facts.plan);
        return `${facts.plan.name} is running: ${progressText(progress, 'of')}`;
      }
      case 'reporting':
        return 'The load has ended. Writing the report';
      case 'ended':
        return 'The run has ended';
    }
  }
}
