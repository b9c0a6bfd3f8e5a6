// A stream loses the samples of setup() and teardown(), where a project wants its figures without them.

import type { Series, Tags } from '../model/metrics.ts';
import type { StreamSink } from './sink.ts';
import { tee } from './tee.ts';

/** k6 gives the samples of both a group of their own; a script that leaves the tag group out does not show them. */
function isOutsideLoad({ group }: Tags): boolean {
  return group === '::setup' || group === '::teardown';
}

/** A sink that hands on all but their series and windows. */
export function withoutSetup(sink: StreamSink): StreamSink {
  return withoutSeries(sink, ({ tags }) => isOutsideLoad(tags));
}

/** A sink that hands on all but these series and their windows. */
export function withoutSeries(sink: StreamSink, isLeftOut: (series: Series) => boolean): StreamSink {
  return {
    ...tee(sink),
    series(series) {
      if (!isLeftOut(series)) sink.series(series);
    },
    window(window) {
      if (!isLeftOut(window.series)) sink.window(window);
    },
  };
}
