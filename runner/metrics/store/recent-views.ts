// Keeps the last minute of each metric and filter that is queried during a run.

import type { MetricType, Series, TagFilter } from '../../model/metrics.ts';
import { RecentView } from './recent-view.ts';

/** Something with the views that its series belongs to. */
export interface Viewed {
  readonly views: RecentView[];
}

/** The views of a store, one per metric and filter. */
export class RecentViews {
  readonly #views = new Map<string, RecentView>();

  /** Memory of the views, bytes. */
  get bytesHeld(): number {
    let held = 0;
    for (const view of this.#views.values()) held += view.bytesHeld;
    return held;
  }

  /** The views that a new series belongs to. */
  ofSeries({ metric, tags }: Series): RecentView[] {
    return [...this.#views.values()].filter((view) => view.matches(metric.name, tags));
  }

  /** The view of a metric and filter. A new one starts empty and is added to the series of `matching`. */
  view(metric: string, filter: TagFilter, type: MetricType, matching: () => readonly Viewed[]): RecentView {
    const key = keyOf(metric, filter);
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = new RecentView(metric, filter, type);
    this.#views.set(key, view);
    for (const { views } of matching()) views.push(view);
    return view;
  }

  /** Drops the view of a metric and filter and removes it from the series of `matching`. */
  forget(metric: string, filter: TagFilter, matching: () => readonly Viewed[]): void {
    const key = keyOf(metric, filter);
    const view = this.#views.get(key);
    if (view === undefined) return;
    this.#views.delete(key);
    for (const { views } of matching()) views.splice(views.indexOf(view), 1);
  }
}

function keyOf(metric: string, filter: TagFilter): string {
  return JSON.stringify([metric, Object.entries(filter)]);
}
