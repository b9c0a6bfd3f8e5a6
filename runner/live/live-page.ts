// The page of --live: it follows one run after the other, sends every open browser what changed, and can stop the run.

import { readFile } from 'node:fs/promises';
import type { FinishedRun, LiveBar, LiveEvent, PageChange } from '../model/live-event.ts';
import type { Result } from '../model/result.ts';
import { renderPage } from '../report/page.ts';
import type { Presentation } from '../report/presentation.ts';
import { loadTemplates } from '../report/template-engine.ts';
import { statusMark } from '../report/view/verdict.ts';
import { messageOf } from '../system/errors.ts';
import type { Interrupt } from '../system/interrupt.ts';
import { nearPath } from '../system/near-path.ts';
import { packageVersion } from '../system/package-root.ts';
import { type PageParts, partsOf } from './blocks.ts';
import { EventStream } from './event-stream.ts';
import { type PageServer, servePage } from './page-server.ts';
import { type Progress, progressOf, progressText } from './progress.ts';
import type { RunListener } from './run-event.ts';
import { type LivePresentation, WatchedRun } from './watched-run.ts';

const BEAT_MS = 1000;
/** Making the page takes at most this share of the runner's time: after a long beat, some are left out. */
const MOST_SHARE = 0.2;

export interface LivePageOptions {
  /** undefined: any free one. */
  readonly port: number | undefined;
  readonly interrupt: Interrupt;
  /** Templates, title and logo as the reports have them. */
  readonly presentation?: Presentation;
  /** What goes wrong with the page; the run goes on. */
  readonly warn: (text: string) => void;
}

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
  /** The reading of the last report. */
  #finishes: Promise<void> = Promise.resolve();
  #trouble = '';
  readonly #reports: string[] = [];
  #runName = '';
  #parts: PageParts = { title: 'Live run', blocks: new Map(), data: '' };
  #nextMs = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(private readonly options: LivePageOptions) {
    const { assets: _, ...presentation } = options.presentation ?? {};
    const templates = loadTemplates(presentation.templatesDir);
    this.#presentation = { templates, presentation };
    this.#shell = renderPage('live', { novaperfVersion: packageVersion }, templates, '', presentation);
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#timer.unref();
  }

  /** Opens the port; throws a UserError where it cannot be had. */
  static async open(options: LivePageOptions): Promise<LivePage> {
    const page = new LivePage(options);
    page.#server = await servePage(options.port, {
      page: () => page.#shell,
      events: (response) => {
        // Those who look on already have what is there, and get what changes with the next beat.
        if (page.#stream.readers === 0) page.#render();
        return page.#stream.open(response, page.#all());
      },
      report: async (number) => {
        const path = page.#reports[number];
        return path === undefined ? undefined : await readFile(path, 'utf8').catch(() => undefined);
      },
      stop: () => {
        if (!options.interrupt.isRequested) options.interrupt.request();
        page.#beat();
      },
      warn: options.warn,
    });
    return page;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** What happens in the cycle; the page shows it with its next beat. */
  readonly listener: RunListener = (event) => {
    switch (event.kind) {
      case 'scenario':
        this.#stage = 'waiting';
        this.#waitsFor = event.plan.name;
        this.#trouble = '';
        return;
      case 'load':
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
        this.#beat();
        return;
      case 'load-ended':
        if (this.#stage === 'running') this.#stage = 'reporting';
        return;
      case 'finished':
        this.#finishes = this.#finished(event.result, event.report);
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
        this.#beat();
        return;
      case 'idle':
      case 'log':
        return;
    }
  };

  /** A run has its report: the page becomes that report until the next one begins. */
  async #finished(result: Result, report: string | null): Promise<void> {
    this.#run = undefined;
    const { word, tone } = statusMark(result.status);
    this.#finishedRuns.push({
      name: result.scenario,
      word,
      tone: tone === 'neutral' ? 'warn' : tone,
      href: report === null ? null : `reports/${this.#reports.length}`,
      file: report === null ? '' : nearPath(report),
    });
    if (report === null) return this.#beat();
    this.#reports.push(report);
    const text = await readFile(report, 'utf8').catch((error: unknown) => {
      this.options.warn(`The live page has no report to show: ${messageOf(error)}`);
      return undefined;
    });
    if (text !== undefined) this.#change(partsOf(text));
  }

  /** Tells every open page that this is the end, and closes the port. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#finishes;
    this.#run = undefined;
    this.#stage = 'ended';
    await this.#stream.close({ bar: this.#bar() }, () => this.#all());
    await this.#server?.close();
  }

  /** Nobody looks: nothing is made. */
  #beat(): void {
    if (this.#stream.readers === 0) return;
    const change = this.#render();
    this.#stream.send(change === undefined ? { bar: this.#bar() } : { bar: this.#bar(), page: change }, () =>
      this.#all(),
    );
  }

  /** Makes the page anew where it is time for that; what changed, if anything. */
  #render(): PageChange | undefined {
    const startedMs = performance.now();
    if (this.#run === undefined || startedMs < this.#nextMs) return undefined;
    try {
      const parts = this.#run.render();
      return parts && this.#replace(parts);
    } catch (error) {
      this.options.warn(`Live page stopped updating; the test is still running: ${messageOf(error)}`);
      this.#run = undefined;
      return undefined;
    } finally {
      const tookMs = performance.now() - startedMs;
      this.#nextMs = startedMs + Math.max(BEAT_MS * 0.9, tookMs / MOST_SHARE);
    }
  }

  #change(parts: PageParts): void {
    this.#stream.send({ bar: this.#bar(), page: this.#replace(parts) }, () => this.#all());
  }

  /** Keeps the new parts; returns what they change. */
  #replace(parts: PageParts): PageChange {
    const before = this.#parts.blocks;
    this.#parts = parts;
    return this.#pageChange(([key, html]) => (before.get(key) === html ? { key } : { key, html }));
  }

  #all(): LiveEvent {
    return { bar: this.#bar(), page: this.#pageChange(([key, html]) => ({ key, html })) };
  }

  #pageChange(blockOf: (entry: [string, string]) => { key: string; html?: string }): PageChange {
    const { title, data, blocks } = this.#parts;
    return { run: this.#runName, title, data, blocks: [...blocks].map(blockOf) };
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
        return `${facts.plan.name} runs: ${progressText(progress, 'of')}`;
      }
      case 'reporting':
        return 'The load has ended; the report is being written';
      case 'ended':
        return 'The run has ended';
    }
  }
}
