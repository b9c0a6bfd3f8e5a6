// One run under way: its windows go in; the parts of its page come out whenever somebody asks for them.

import { analyseRun } from '../analysis/analyse.ts';
import type { StreamSink } from '../metrics/sink.ts';
import { MetricsStore } from '../metrics/store.ts';
import type { Kpi } from '../model/kpi.ts';
import type { Outcome, RunFacts } from '../model/run.ts';
import type { ServerArchive } from '../monitor/recorder.ts';
import { renderPage } from '../report/page.ts';
import { packPageData } from '../report/page-data.ts';
import type { Presentation } from '../report/presentation.ts';
import type { Templates } from '../report/template-engine.ts';
import { buildReport } from '../report/view-model.ts';
import { messageOf } from '../system/errors.ts';
import { type PageParts, partsOf } from './blocks.ts';
import { LivePictures } from './live-pictures.ts';
import { provisionalView } from './provisional.ts';

/** What the intervals of a run may take while it is looked at, bytes; beyond it they become longer. */
const MAX_BYTES = 64 * 1024 * 1024;

/** How the page looks. Its assets are always its own: it is no file that lies somewhere. */
export interface LivePresentation {
  readonly templates: Templates;
  readonly presentation: Omit<Presentation, 'assets'>;
}

export class WatchedRun {
  readonly #store = new MetricsStore({ timeline: true, maxBytes: MAX_BYTES });
  readonly #pictures = new LivePictures();
  #isBroken = false;
  /** To be fed with all that the run's archive is fed with. An error in it ends the page, never the run. */
  readonly sink: StreamSink;
  /** The same for what is read of the system under test. */
  readonly server: ServerArchive;

  constructor(
    readonly facts: RunFacts,
    private readonly kpis: readonly Kpi[],
    private readonly livePresentation: LivePresentation,
    warn: (text: string) => void,
  ) {
    const guarded = (work: () => void) => {
      if (this.#isBroken) return;
      try {
        work();
      } catch (error) {
        this.#isBroken = true;
        warn(`The live page stands still, the run goes on: ${messageOf(error)}`);
      }
    };
    const { sink } = this.#store;
    const metrics = new MetricsStore({ timeline: true, maxBytes: MAX_BYTES / 4 });
    const notes: unknown[] = [];
    this.server = {
      window: (window) =>
        guarded(() => {
          metrics.sink.window(window);
          this.#store.server = { metrics, notes };
        }),
      note: (_, payload) => void notes.push(payload),
    };
    this.sink = {
      metric: (metric) => guarded(() => sink.metric(metric)),
      series: (series) => guarded(() => sink.series(series)),
      window: (window) => guarded(() => sink.window(window)),
      health: (health) => guarded(() => sink.health(health)),
      overflow: (overflow) => guarded(() => sink.overflow(overflow)),
    };
  }

  /** The page as it stands now; undefined before the first sample. */
  render(thrown: Outcome['exceptions']): PageParts | undefined {
    if (this.#isBroken || this.#store.firstSampleMs === undefined) return undefined;
    this.#pictures.begin();
    const outcome: Outcome = {
      endedAtMs: Date.now(),
      stoppedBy: null,
      abortedByKpi: null,
      exceptions: thrown,
      // Its stream has not ended, which is no fault of it.
      faults: { ...this.#store.faults, overflow: [...this.#store.faults.overflow], complete: true },
      warnings: [],
      samples: [],
    };
    const result = analyseRun({ facts: this.facts, outcome, metrics: this.#store, kpis: this.kpis });
    const { view, data } = buildReport(result, this.#store, [], this.#pictures.draw);
    const { templates, presentation } = this.livePresentation;
    return partsOf(renderPage('report', provisionalView(view), templates, packPageData(data), presentation));
  }
}
