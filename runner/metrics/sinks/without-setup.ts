// Removes the samples of setup() and teardown() from a stream, if a project wants its figures without them.

import type { Series, Tags } from '../../model/metrics.ts';
import type { StreamSink } from './sink.ts';
import { tee } from './tee.ts';

/** k6 gives both a group of their own. If a script turns the group tag off, they cannot be recognised. */
function isOutsideLoad({ group }: Tags): boolean {
  return group === '::setup' || group === '::teardown';
}

/** A sink that passes everything on except series and windows of setup() and teardown(). */
export function withoutSetup(sink: StreamSink): StreamSink {
  return withoutSeries(sink, ({ tags }) => isOutsideLoad(tags));
}

/** A sink that passes everything on except these series and their windows. */
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
