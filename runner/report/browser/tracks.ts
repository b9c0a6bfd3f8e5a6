// The tracks of this page.

import { MAX_POINTS } from '../charts/chart-limits.ts';
import type { BandsPlot } from '../charts/figure.ts';
import { finerLines } from '../tracks/finer-lines.ts';
import type { TrackData } from '../tracks/model.ts';
import type { SlotSum } from '../tracks/track.ts';
import { Tracks } from '../tracks/tracks.ts';
import type { TimeSpan } from './range.ts';
import { shownScenario } from './shown-scenario.ts';

let tracks: Tracks | undefined;

/** Sets the tracks; a live page calls it again with newer ones. */
export function useTracks(data: TrackData): Tracks {
  tracks = new Tracks(data);
  return tracks;
}

/** The tracks of the page; undefined before useTracks(). */
export function currentTracks(): Tracks | undefined {
  return tracks;
}

/**
 * The samples of a range for a distribution: of the primary latency (`primary`) or an endpoint (the anchor of its fold, `endpoint-1`),
 * filtered by the selected scenario. undefined if the page has no track for it.
 */
export function samplesIn(span: TimeSpan, name: string): SlotSum | undefined {
  const place = tracks?.data.drawn[name];
  return place === undefined ? undefined : tracks?.sums(span, shownScenario.current?.index).of(place);
}

/** The plot with percentile lines of these samples as fine as the range allows; unchanged if the page has no track for it. */
export function finerIn(span: TimeSpan, name: string, plot: BandsPlot): BandsPlot {
  const place = tracks?.placeIn(tracks.data.drawn[name] ?? -1, shownScenario.current?.index) ?? -1;
  return tracks === undefined || place < 0 ? plot : finerLines(plot, tracks, place, span, MAX_POINTS);
}
