// What a page's scripts know besides what is written on it. Only types: both sides of the page share them.

import type { ChartData } from './charts/chart-data.ts';
import type { TrackData } from './tracks/model.ts';

/** A chart of one endpoint or scenario. */
export interface ChosenChart extends ChartData {
  /** Where they are not those of every endpoint. */
  readonly title?: string;
  readonly takeaway?: string;
}

/** Charts of one endpoint or scenario; they replace the charts of the whole run that have the same names. */
export interface EndpointCharts {
  /** As its table names it. */
  readonly name: string;
  /** Name of its samples in the tracks; of an endpoint also the anchor of its fold, where it has one. */
  readonly anchor: string;
  readonly charts: readonly ChosenChart[];
}

/** Charts of a scenario: all that can be divided by it. */
export interface ScenarioCharts extends EndpointCharts {
  /** Names of charts that stay those of the whole run: of the system under test, of the load generator. Others it has no data for. */
  readonly undivided: readonly string[];
}

/** Packed by page-data.ts, unpacked by browser/page-data.ts. Times are milliseconds since the start of load. */
export interface PageData {
  /** Start of load, epoch milliseconds: 0 of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis. */
  readonly axisMs: number;
  readonly charts: readonly ChartData[];
  /** The busiest first. */
  readonly endpoints: readonly EndpointCharts[];
  /** Empty where the run had only one. */
  readonly scenarios: readonly ScenarioCharts[];
  /** What the numbers on the page follow a range by; absent where they do not. */
  readonly tracks?: TrackData;
}
