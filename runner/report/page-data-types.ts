// The types of the data for a page's script, shared by the code that packs it and the script.

import type { ChartData } from './charts/chart-data.ts';
import type { TrackData } from './tracks/model.ts';

/** A chart of one endpoint or scenario. */
export interface ChosenChart extends ChartData {
  /** Set if title and takeaway differ from those of the whole run's chart. */
  readonly title?: string;
  readonly takeaway?: string;
}

/** Charts of one endpoint or scenario; they replace the charts of the whole run that have the same names. */
export interface EndpointCharts {
  /** The name in its table. */
  readonly name: string;
  /** Name of its samples in the tracks; also the anchor of an endpoint's fold, if it has one. */
  readonly anchor: string;
  readonly charts: readonly ChosenChart[];
}

/** Charts of a scenario: all that can be filtered by it. */
export interface ScenarioCharts extends EndpointCharts {
  /** Names of the charts that stay unchanged: those of the system under test and of the load generator. Other charts are hidden. */
  readonly undivided: readonly string[];
}

/** Packed by page-data.ts, unpacked by browser/page-data.ts. Times are milliseconds since the start of the load. */
export interface PageData {
  /** Start of the load in milliseconds since 1970, the zero of the time axis. */
  readonly loadStartMs: number;
  /** Length of the time axis in milliseconds. */
  readonly axisMs: number;
  readonly charts: readonly ChartData[];
  /** Busiest first. */
  readonly endpoints: readonly EndpointCharts[];
  /** Empty if the run had only one scenario. */
  readonly scenarios: readonly ScenarioCharts[];
  /** Data for the numbers that follow a selected range; undefined if there is none. */
  readonly tracks?: TrackData;
}
