// The view model: everything that templates/report.hbs and report.md.hbs show, as formatted text. Custom templates rely on it.
// Every field is always present (null or '' without a value), because the templates are strict. Strings are plain text, which
// templates escape; only `svg` fields are markup, made from numbers and escaped text. `npm run docs` lists the fields in
// templates/README.md from this file.

import type { Severity } from '../../model/kpi.ts';

/** Whether something is good or bad. An icon and a word always accompany it, so colour is never the only sign. */
export type Tone = 'good' | 'bad' | 'warn' | 'neutral';

/** Name of a symbol in templates/partials/icons.hbs. */
export type Icon = 'pass' | 'fail' | 'warn' | 'unknown' | 'stop';

export interface Mark {
  readonly tone: Tone;
  readonly icon: Icon;
  readonly word: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Set for a moment in time; `value` is then its UTC text. */
  readonly iso: string | null;
  /** A command, path or URL, shown in a fixed-width font. */
  readonly isCode: boolean;
  /** See Cell.follows. */
  readonly follows: string;
}

export interface Verdict extends Mark {
  /** The reason in one sentence. */
  readonly reason: string;
  /** The run ended early; the figures cover what ran. */
  readonly isPartial: boolean;
  readonly trust: Trust;
}

/** What limits the verdict, in one sentence; '' if nothing does. */
export interface Trust extends Mark {
  readonly sentence: string;
}

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly tone: Tone;
  /** See Cell.follows. */
  readonly follows: string;
  readonly noteFollows: string;
}

export interface KpiRow extends Mark {
  /** Anchor: `kpi-1`. */
  readonly anchor: string;
  readonly id: string;
  /** `p(95) of http_req_duration`. */
  readonly name: string;
  /** `name = GET /products`; '' for the whole metric. */
  readonly filter: string;
  readonly expression: string;
  readonly severity: string;
  readonly source: string;
  /** `< 500 ms`. */
  readonly target: string;
  readonly actual: string;
  /** See Cell.rangeFollows. */
  readonly rangeFollows: string;
  /** `missed by 12 %`, `38 % headroom`, `23 times the target`. */
  readonly margin: string;
  readonly marginSort: string;
  /** The 95 % interval: `291 ms to 318 ms`, `at least 97 %` if it is open, `no data` without a value; '–' if there is none. */
  readonly interval: string;
  /** What limits the verdict, or why there is no interval: `too few samples`; '' if nothing does. */
  readonly confidence: string;
  /** There is an interval or a `confidence`. */
  readonly hasInterval: boolean;
  readonly samples: string;
  readonly samplesSort: string;
  readonly note: string | null;
  /** There is an actual value. */
  readonly isMeasured: boolean;
  /** A bar with actual value, interval and target; null without an actual value. */
  readonly svg: string | null;
}

export interface FindingRow extends Mark {
  readonly severity: Severity;
  readonly anchor: string;
  readonly kind: string;
  readonly title: string;
  /** Paragraphs of evidence, probable cause and next step. */
  readonly detail: readonly string[];
  /** It changed together with a missed target, or a missed target counts it. */
  readonly isCause: boolean;
  /** The targets that it changed together with; if there are none, those that it is about. */
  readonly kpis: ReadonlyArray<{ readonly anchor: string | null; readonly name: string }>;
}

export interface ChartView {
  readonly name: string;
  /** `load`, `server` (the system under test) or `generator`. */
  readonly subject: string;
  readonly title: string;
  readonly takeaway: string;
  readonly svgWide: string;
  readonly svgNarrow: string;
  /** File name of the picture in the run's folder. */
  readonly file: string;
  readonly table: Table;
}

export interface Column {
  readonly label: string;
  readonly isNumeric: boolean;
}

export interface Cell {
  readonly text: string;
  /** The column is sorted by the number in `sort` ('' without a value), not by the text. */
  readonly sortsByValue: boolean;
  readonly sort: string;
  readonly isNumeric: boolean;
  /** The number in `sort` is a share from 0 to 1; comparisons of runs give its change in percentage points. */
  readonly isShare: boolean;
  /** Class names in styles/: `num`, `tone-bad`; '' for none. */
  readonly classes: string;
  readonly icon: Icon | null;
  /** A second, less prominent line; '' for none. */
  readonly note: string;
  /** Anchor on the page that the text links to; null for no link. */
  readonly anchor: string | null;
  readonly svg: string | null;
  /** The moment in ISO 8601 if the note is a time of day; otherwise null. */
  readonly clockIso: string | null;
  /** Value of the element's `data-n`, by which the script updates the text when a range is selected; '' if it is always about the whole run. */
  readonly follows: string;
  /** The same for the note. */
  readonly noteFollows: string;
  /** The same for an extra line that is shown only while a range is selected. */
  readonly rangeFollows: string;
}

export interface Table {
  /** Anchor of the table, and its name for the script. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: ReadonlyArray<readonly Cell[]>;
  /** A sentence on rows that are left out; null if none are. */
  readonly further: string | null;
  /** Readers may sort the rows; the data table of a chart keeps its order. */
  readonly isSortable: boolean;
  /** Long enough for a filter box. */
  readonly isLong: boolean;
  readonly isEmpty: boolean;
  /** Shown if the table is empty. */
  readonly emptyText: string;
}

/** One endpoint in detail: its chart and figures. */
export interface EndpointDetail {
  readonly anchor: string;
  readonly name: string;
  readonly summary: string;
  /** See Cell.follows. */
  readonly summaryFollows: string;
  /** One picture for all screen widths, because a page has dozens of them. */
  readonly svg: string;
  readonly takeaway: string;
  readonly facts: readonly Fact[];
}

/** One error with samples in detail. */
export interface ErrorDetail {
  readonly anchor: string;
  readonly title: string;
  /** `12 times · 8 % · 3 samples`. */
  readonly summary: string;
  readonly facts: readonly Fact[];
  /** Samples that no other error shows. */
  readonly samples: readonly ErrorSampleView[];
  /** Errors that show the other samples: a failed request is shown once, not again under each check that failed because of it. */
  readonly elsewhere: ReadonlyArray<{ readonly anchor: string; readonly title: string }>;
  readonly hasElsewhere: boolean;
}

/** A request that failed and its response, as text of several lines. */
export interface ErrorSampleView {
  readonly title: string;
  /** Since the start of load: `01:12`. */
  readonly since: string;
  readonly iso: string;
  readonly utc: string;
  /** `VU 3, iteration 12, scenario default`. */
  readonly where: string;
  readonly request: string;
  readonly response: string;
  readonly curl: string;
  /** The response in one line, for Markdown. */
  readonly brief: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly table: Table;
}

/** One run compared with another: whether they are comparable, and what differs. */
export interface ComparisonView {
  /** `b against a`, with their names. */
  readonly title: string;
  readonly mark: Mark;
  readonly sentence: string;
  /** The largest changes, worse ones first. */
  readonly changes: ReadonlyArray<
    Mark & { readonly name: string; readonly change: string; readonly values: string; readonly words: string }
  >;
  /** What a comparison of two single runs cannot show, and what could. */
  readonly caveats: readonly string[];
  readonly runs: ReadonlyArray<
    Mark & {
      readonly label: 'a' | 'b';
      /** `baseline` or `compared`. */
      readonly role: string;
      readonly name: string;
      /** The run's own report, relative to this page. */
      readonly href: string;
      readonly facts: readonly Fact[];
    }
  >;
  readonly alike: Mark;
  readonly notes: ReadonlyArray<Mark & { readonly topic: string; readonly text: string }>;
  readonly hasNotes: boolean;
  readonly figures: Table;
  readonly targets: Table;
  readonly newFindings: readonly string[];
  readonly goneFindings: readonly string[];
  /** Lines of k6's options around each difference; empty if the options are the same. */
  readonly options: ReadonlyArray<{ readonly sign: '+' | '-' | ' '; readonly kind: string; readonly text: string }>;
  readonly hasOptions: boolean;
}

/** A target and the steps to its verdict, as `novaperf explain` prints them. */
export interface ExplainedKpi {
  readonly expression: string;
  readonly mark: Mark;
  readonly steps: readonly Fact[];
}

export interface ReportView {
  /** Set on a comparison page, where notes of table cells show the differences; null in the report of one run. */
  readonly comparison: ComparisonView | null;
  /** `browse · load`. */
  readonly title: string;
  readonly scenario: string;
  readonly component: string;
  readonly profile: string;
  readonly description: string;
  readonly run: string;
  /** What ran, where, when and with which build, in one line. */
  readonly byline: readonly Fact[];
  readonly verdict: Verdict;
  /** The first missed targets and findings, for the first screen. */
  readonly summary: {
    readonly missed: readonly KpiRow[];
    readonly hasMissed: boolean;
    /** `Targets not met`, `Targets not met or not decided`, `Targets without data`, `Targets not decided`. */
    readonly missedTitle: string;
    /** The first findings above severity low; for a run without any that met all targets, what was observed. */
    readonly causes: readonly FindingRow[];
    readonly hasCauses: boolean;
    readonly hasAny: boolean;
    /** `3 more`; '' for none. */
    readonly moreMissed: string;
    /** The same for findings. */
    readonly moreCauses: string;
  };
  readonly tiles: readonly Tile[];
  readonly kpis: {
    readonly sentence: string;
    /** A note on all intervals, such as that the run is short; '' for none. */
    readonly note: string;
    readonly rows: readonly KpiRow[];
    readonly missed: readonly KpiRow[];
    /** Any row has a 95 % interval, or a reason why it has none. */
    readonly hasIntervals: boolean;
    readonly isEmpty: boolean;
  };
  /** `Possible causes` where a target was missed, else `Findings`. */
  readonly findingsTitle: string;
  readonly findings: readonly FindingRow[];
  readonly hasFindings: boolean;
  /** Findings that explain no missed target but are worth knowing. */
  readonly notes: readonly FindingRow[];
  readonly hasNotes: boolean;
  /** What ran where, when, with which k6 and build. */
  readonly ran: readonly Fact[];
  /** The result of a capacity search with its curve; null for any other run. */
  readonly capacity: (Section & { readonly charts: readonly ChartView[] }) | null;
  readonly overviewTitle: string;
  /** Charts of the first screen: latency, throughput, VUs, and the chart of the system under test that changed most. */
  readonly overview: readonly ChartView[];
  readonly hasOverview: boolean;
  /** All other charts of the load. */
  readonly charts: readonly ChartView[];
  readonly hasCharts: boolean;
  /** Charts of the system under test and of the load generator that the overview does not show; one fold. */
  readonly foldedCharts: readonly ChartView[];
  readonly hasFoldedCharts: boolean;
  /** `System under test and load generator: 6 charts`. */
  readonly foldedChartsTitle: string;
  readonly endpoints: Table;
  readonly hasEndpoints: boolean;
  readonly endpointDetails: readonly EndpointDetail[];
  readonly hasEndpointDetails: boolean;
  /** There are so many that all details are in one fold. */
  readonly hasManyEndpoints: boolean;
  readonly checks: Table;
  readonly errors: Table;
  readonly errorDetails: readonly ErrorDetail[];
  readonly hasErrorDetails: boolean;
  /** Further tables that the run has data for: phases, scenarios, status codes. */
  readonly sections: readonly Section[];
  /** Long tables in folds: metrics of the system under test, groups, all metrics, pre-flight checks. */
  readonly folded: readonly Section[];
  readonly environment: readonly Fact[];
  readonly generator: {
    readonly mark: Mark;
    readonly reasons: readonly string[];
    readonly facts: readonly Fact[];
  };
  /** The steps to the verdict on each target, in the order of the targets. */
  readonly explained: readonly ExplainedKpi[];
  readonly hasExplained: boolean;
  readonly options: string;
  readonly methods: readonly string[];
  readonly files: readonly Fact[];
  readonly hasFiles: boolean;
  readonly novaperfVersion: string;
}
