// The tracks of this page, for everything that asks them for a range.

import { MAX_POINTS } from '../charts/chart-limits.ts';
import type { BandsPlot } from '../charts/figure.ts';
import { finerLines } from '../tracks/finer-lines.ts';
import type { TrackData } from '../tracks/model.ts';
import type { SlotSum } from '../tracks/track.ts';
import { Tracks } from '../tracks/tracks.ts';
import type { TimeSpan } from './range.ts';
import { shownScenario } from './shown-scenario.ts';

let tracks: Tracks | undefined;

/** From now on they are there. A page that is renewed while it is open hands over newer ones. */
export function useTracks(data: TrackData): Tracks {
  tracks = new Tracks(data);
  return tracks;
}

export function currentTracks(): Tracks | undefined {
  return tracks;
}

/**
 * The samples of a range that a distribution is drawn from: of the primary latency, `primary`, or of an endpoint by the anchor of its
 * fold (`endpoint-1`), of the scenario that is shown alone. undefined where the page does not know.
 */
export function samplesIn(span: TimeSpan, name: string): SlotSum | undefined {
  const place = tracks?.data.drawn[name];
  return place === undefined ? undefined : tracks?.sums(span, shownScenario.current?.index).of(place);
}

/** The percentile lines of the same samples as fine as the range allows; as they are where the page does not know. */
export function finerIn(span: TimeSpan, name: string, plot: BandsPlot): BandsPlot {
  const place = tracks?.placeIn(tracks.data.drawn[name] ?? -1, shownScenario.current?.index) ?? -1;
  return tracks === undefined || place < 0 ? plot : finerLines(plot, tracks, place, span, MAX_POINTS);
}
