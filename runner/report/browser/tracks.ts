// The tracks of this page, for everything that asks them for a range.

import type { TrackData } from '../tracks/model.ts';
import { Tracks } from '../tracks/tracks.ts';
import type { TimeSpan } from './range.ts';

let tracks: Tracks | undefined;

/** From now on they are there. A page that is renewed while it is open hands over newer ones. */
export function useTracks(data: TrackData): Tracks {
  tracks = new Tracks(data);
  return tracks;
}

export function currentTracks(): Tracks | undefined {
  return tracks;
}

/** Samples between two values, in the metric's unit; what bins are narrow tells nothing of the samples: see pack-track.ts. */
export interface DistributionBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * How the samples of a range are distributed: of the primary latency, or of an endpoint by the anchor of its fold (`endpoint-1`).
 * Bins ascend and do not overlap. undefined where the page does not know; empty where the range has no sample.
 */
export function distributionIn(span: TimeSpan, name = 'primary'): DistributionBin[] | undefined {
  const place = tracks?.data.drawn[name];
  return place === undefined ? undefined : tracks?.sums(span).of(place).bins();
}
