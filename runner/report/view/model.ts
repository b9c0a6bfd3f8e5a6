// The view model: everything that templates/report.hbs and report.md.hbs can say, as formatted text. It is what people
// who write their own templates rely on: every field is always there (null or '' where there is nothing), because the
// templates are strict. Strings are plain text, escaped where they are put into a page; only `svg` fields are markup, made
// by us from numbers and escaped text. templates/README.md lists the fields from this file: npm run docs.

import type { Severity } from '../../model/kpi.ts';

/** How something is to be read; with an icon and a word next to it, never a colour alone. */
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
  /** Long values (commands, paths) are set in a fixed-width face. */
  readonly isCode: boolean;
  /** See Cell.follows. */
  readonly follows: string;
}

export interface Verdict extends Mark {
  /** The one sentence that gives the reason. */
  readonly reason: string;
  /** `partial`: covers only what ran. */
  readonly isPartial: boolean;
  readonly trust: Trust;
}

/** What limits the verdict, in one sentence; '' where nothing does. */
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
  /** `name = GET /products`; '' where the whole metric is meant. */
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
  /** `291 ms to 318 ms`, or why there is none. */
  readonly interval: string;
  readonly confidence: string;
  /** An interval, or why there is none. */
  readonly hasInterval: boolean;
  readonly samples: string;
  readonly samplesSort: string;
  readonly note: string | null;
  /** There is an actual value. */
  readonly isMeasured: boolean;
  /** A bar: actual value, its interval and the target; null where there is no number. */
  readonly svg: string | null;
}

export interface FindingRow extends Mark {
  readonly severity: Severity;
  readonly anchor: string;
  readonly kind: string;
  readonly title: string;
  /** Paragraphs of evidence, probable cause and next step. */
  readonly detail: readonly string[];
  /** It moved with a missed target, or the target counts it. */
  readonly isCause: boolean;
  /** Those that it moved with, else those that it is about. */
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
  /** File name of its picture in the run's folder. */
  readonly file: string;
  readonly table: Table;
}

export interface Column {
  readonly label: string;
  readonly isNumeric: boolean;
}

export interface Cell {
  readonly text: string;
  /** The column is sorted by the number in `sort` ('' = nothing to compare), not by the text. */
  readonly sortsByValue: boolean;
  readonly sort: string;
  readonly isNumeric: boolean;
  /** The number in `sort` is a share from 0 to 1: two of them are compared in percentage points. */
  readonly isShare: boolean;
  /** Class names in styles/: `num`, `tone-bad`; '' for none. */
  readonly classes: string;
  readonly icon: Icon | null;
  /** A second, quieter line; '' for none. */
  readonly note: string;
  /** Anchor on the page that the text leads to; null = no link. */
  readonly anchor: string | null;
  readonly svg: string | null;
  /** ISO 8601 of the moment that the note is the clock of; null for none. */
  readonly clockIso: string | null;
  /** What the element's `data-n` is, so that its text follows the range that is shown; '' where it is about the whole run. */
  readonly follows: string;
  /** The same for the note. */
  readonly noteFollows: string;
  /** The same for a line of its own that is there only while a range is shown, next to a text that stays. */
  readonly rangeFollows: string;
}

export interface Table {
  /** Anchor and name of the table for the script. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: ReadonlyArray<readonly Cell[]>;
  /** What was left out of `rows`; null when they are all there. */
  readonly further: string | null;
  /** Its rows may be put in another order; those of a chart's data may not. */
  readonly isSortable: boolean;
  /** Long enough that a filter box helps. */
  readonly isLong: boolean;
  readonly isEmpty: boolean;
  /** What stands there when it is empty. */
  readonly emptyText: string;
}

/** One request name unfolded: its own chart and figures. */
export interface EndpointDetail {
  readonly anchor: string;
  readonly name: string;
  readonly summary: string;
  /** See Cell.follows. */
  readonly summaryFollows: string;
  /** The same picture for all screens: there are dozens. */
  readonly svg: string;
  readonly takeaway: string;
  readonly facts: readonly Fact[];
}

/** One error that the run kept samples of, unfolded. */
export interface ErrorDetail {
  readonly anchor: string;
  readonly title: string;
  /** `12 times · 8 % · 3 samples`. */
  readonly summary: string;
  readonly facts: readonly Fact[];
  /** Those that stand under no other error. */
  readonly samples: readonly ErrorSampleView[];
  /** Errors that show the other samples: a failed request stands under itself, not under each check that it fails. */
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

/** Why two runs may not be alike, and where they differ. */
export interface ComparisonView {
  /** `b against a`, with their names. */
  readonly title: string;
  readonly mark: Mark;
  readonly sentence: string;
  /** The greatest changes, worse ones first of all. */
  readonly changes: ReadonlyArray<
    Mark & { readonly name: string; readonly change: string; readonly values: string; readonly words: string }
  >;
  /** What one run against one run cannot say, and what would. */
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
  /** Lines of the options as run, those around a difference; empty where they are the same. */
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
  /** Set where another run is laid over this one; tables then carry the differences in the notes of their cells. */
  readonly comparison: ComparisonView | null;
  /** `browse · load`. */
  readonly title: string;
  readonly scenario: string;
  readonly component: string;
  readonly profile: string;
  readonly description: string;
  readonly run: string;
  /** One line: what ran where, when, of which build. */
  readonly byline: readonly Fact[];
  readonly verdict: Verdict;
  /** The first of the targets that were not met and of the findings, for the first screen. */
  readonly summary: {
    readonly missed: readonly KpiRow[];
    readonly hasMissed: boolean;
    /** `Targets not met`, `Targets not met or not decided`, `Targets without data`, `Targets not decided`. */
    readonly missedTitle: string;
    /** The first findings above low; of a run without any, and with all targets met, what was observed. */
    readonly causes: readonly FindingRow[];
    readonly hasCauses: boolean;
    readonly hasAny: boolean;
    /** `3 more`; '' for none. */
    readonly moreMissed: string;
    /** Likewise of the findings. */
    readonly moreCauses: string;
  };
  readonly tiles: readonly Tile[];
  readonly kpis: {
    readonly sentence: string;
    /** What is true of all intervals, as that the run is short; '' for nothing. */
    readonly note: string;
    readonly rows: readonly KpiRow[];
    readonly missed: readonly KpiRow[];
    /** Any of them has a 95 % interval, or a reason for having none. */
    readonly hasIntervals: boolean;
    readonly isEmpty: boolean;
  };
  /** `Possible causes` where a target was missed, else `Findings`. */
  readonly findingsTitle: string;
  readonly findings: readonly FindingRow[];
  readonly hasFindings: boolean;
  /** What explains nothing but is worth knowing. */
  readonly notes: readonly FindingRow[];
  readonly hasNotes: boolean;
  /** What ran where, when, with which k6 and build. */
  readonly ran: readonly Fact[];
  /** What a search for capacity came to, with its curve; null for any other run. */
  readonly capacity: (Section & { readonly charts: readonly ChartView[] }) | null;
  readonly overviewTitle: string;
  /** Charts of the first screen: latency, rate, VUs and what of the server moved most. */
  readonly overview: readonly ChartView[];
  readonly hasOverview: boolean;
  /** All other charts of the load. */
  readonly charts: readonly ChartView[];
  readonly hasCharts: boolean;
  /** Those of the system under test and of the load generator that the overview does not show, as one fold. */
  readonly foldedCharts: readonly ChartView[];
  readonly hasFoldedCharts: boolean;
  /** `System under test and load generator: 6 charts`. */
  readonly foldedChartsTitle: string;
  readonly endpoints: Table;
  readonly hasEndpoints: boolean;
  readonly endpointDetails: readonly EndpointDetail[];
  readonly hasEndpointDetails: boolean;
  /** So many that they are one fold. */
  readonly hasManyEndpoints: boolean;
  readonly checks: Table;
  readonly errors: Table;
  readonly errorDetails: readonly ErrorDetail[];
  readonly hasErrorDetails: boolean;
  /** Further tables, each where the run has data for it: phases, scenarios, status codes. */
  readonly sections: readonly Section[];
  /** Long tables, folded: server metrics, groups, all metrics, pre-flight checks. */
  readonly folded: readonly Section[];
  readonly environment: readonly Fact[];
  readonly generator: {
    readonly mark: Mark;
    readonly reasons: readonly string[];
    readonly facts: readonly Fact[];
  };
  /** How the verdict on each target came about, in the order of the targets. */
  readonly explained: readonly ExplainedKpi[];
  readonly hasExplained: boolean;
  readonly options: string;
  readonly methods: readonly string[];
  readonly files: readonly Fact[];
  readonly hasFiles: boolean;
  readonly novaperfVersion: string;
}
