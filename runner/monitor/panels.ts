// Groups the series of the system under test into panels of lines; a line is the sum of some series.

import type { Tags } from '../model/metrics.ts';
import { bareName } from '../model/server-metrics.ts';
import { PANEL_RULES, PANELS, type PanelId, type PanelRule, type Role } from './panel-rules.ts';

/** A series as result.json identifies it. */
export interface SeriesName {
  readonly name: string;
  readonly source: string;
  readonly labels: Tags;
}

/** One line of a panel: (Σ members − Σ minus) / Σ whole × scale. */
export interface PanelLine {
  readonly label: string;
  readonly source: string;
  readonly members: readonly SeriesName[];
  readonly minus: readonly SeriesName[];
  /** Empty: no division. */
  readonly whole: readonly SeriesName[];
  readonly scale: number;
  readonly role: Role | undefined;
}

/** One chart of the system under test. */
export interface Panel {
  readonly id: PanelId;
  readonly title: string;
  /** What its lines measure: `CPU`. */
  readonly subject: string;
  readonly short: string;
  /** A unit that format.ts accepts. */
  readonly unit: string;
  readonly lines: readonly PanelLine[];
}

/** More lines cannot be distinguished in a chart. */
const MOST_LINES = 8;

/** The panels that have lines, in the order of PANELS, and the series in none of them. */
export function panelsOf<S extends SeriesName>(series: readonly S[]): { panels: Panel[]; others: S[] } {
  const byMetric = new Map<string, S[]>();
  for (const each of series) byMetric.set(bareName(each.name), [...(byMetric.get(bareName(each.name)) ?? []), each]);
  const sources = [...new Set(series.map(({ source }) => source))];
  const shown = new Set<SeriesName>();
  const lines = PANEL_RULES.flatMap((rule) => {
    if (rule.unless?.some((metric) => byMetric.has(metric)) === true) {
      // A hidden duplicate does not belong to the other series either.
      for (const same of byMetric.get(rule.metric) ?? []) shown.add(same);
      return [];
    }
    return sources.flatMap((source) => {
      const ofSource = (metric: string) => (byMetric.get(metric) ?? []).filter((each) => each.source === source);
      const all = ofSource(rule.metric);
      const members = all.filter(({ labels }) => isMeant(rule, labels));
      if (members.length === 0) return [];
      const minus = rule.minus === undefined ? [] : ofSource(rule.minus);
      if (rule.minus !== undefined && minus.length === 0) return [];
      for (const each of [...all, ...minus]) shown.add(each);
      const whole = rule.isShareOfWhole === true ? all : [];
      const { label, scale = 1, role } = rule;
      return [{ panel: rule.panel, line: { label, source, members, minus, whole, scale, role } }];
    });
  });
  const panels = panelIds().flatMap((id): Panel[] => {
    const own = lines.filter(({ panel }) => panel === id).map(({ line }) => line);
    return own.length === 0 ? [] : [{ id, ...PANELS[id], lines: own.slice(0, MOST_LINES) }];
  });
  return { panels, others: series.filter((each) => !shown.has(each)) };
}

function panelIds(): PanelId[] {
  return Object.keys(PANELS).filter((id): id is PanelId => id in PANELS);
}

function isMeant({ where = {} }: PanelRule, labels: Tags): boolean {
  return Object.entries(where).every(([label, wanted]) => {
    const value = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
    return 'is' in wanted ? wanted.is.includes(value) : !wanted.not.includes(value);
  });
}

/** The label of a line, with its source if several sources have lines in the panel. */
export function lineName(line: PanelLine, panel: Panel): string {
  const isShared = panel.lines.some(({ source }) => source !== line.source);
  return isShared ? `${line.source}: ${line.label}` : line.label;
}

/** The label of a line outside its panel: `CPU: process (100 % = one core)`. */
export function lineText({ panel, label }: { readonly panel: string; readonly label: string }): string {
  const id = panelIds().find((known) => known === panel);
  return `${id === undefined ? panel : PANELS[id].subject}: ${label}`;
}
