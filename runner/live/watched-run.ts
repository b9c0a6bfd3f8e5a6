// A running test → the parts of its live page.

import { analyseRun } from '../analysis/result/analyse.ts';
import type { Kpi } from '../model/kpi.ts';
import type { Outcome, RunFacts } from '../model/run.ts';
import { type PageParts, renderParts } from '../report/page.ts';
import { packPageData } from '../report/page-data.ts';
import type { Presentation } from '../report/presentation.ts';
import type { Templates } from '../report/template-engine.ts';
import { buildReport } from '../report/view-model.ts';
import { LivePictures } from './live-pictures.ts';
import { provisionalView } from './provisional.ts';
import type { RunSoFar } from './run-event.ts';

/** The templates and brand of the page. Its assets are always inline, because it has no folder for files. */
export interface LivePresentation {
  readonly templates: Templates;
  readonly presentation: Omit<Presentation, 'assets'>;
}

/** A running test with the data that its live page needs. */
export class WatchedRun {
  readonly #pictures = new LivePictures();

  constructor(
    readonly facts: RunFacts,
    private readonly kpis: readonly Kpi[],
    private readonly soFar: RunSoFar,
    private readonly livePresentation: LivePresentation,
  ) {}

  /** The page at this moment; undefined before the first sample. */
  render(): PageParts | undefined {
    const { metrics } = this.soFar;
    if (metrics.firstSampleMs === undefined) return undefined;
    this.#pictures.begin();
    const outcome: Outcome = {
      endedAtMs: Date.now(),
      stoppedBy: null,
      abortedByKpi: null,
      exceptions: this.soFar.exceptions(),
      // The stream has not ended yet, which is not a fault.
      faults: { ...metrics.faults, overflow: [...metrics.faults.overflow], complete: true },
      warnings: [],
      samples: [],
    };
    const result = analyseRun({ facts: this.facts, outcome, metrics, kpis: this.kpis });
    const { view, data } = buildReport(result, metrics, [], this.#pictures.draw);
    const { templates, presentation } = this.livePresentation;
    return renderParts(provisionalView(view, result), templates, packPageData(data), presentation.brand);
  }
}
