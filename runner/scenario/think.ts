// Think time of a user. Runs inside k6.

import { sleep } from 'k6';
import type { ThinkTime } from './think-times.ts';

/** Sleeps for a random time of at most `maxSeconds`, and returns it. */
export function think(time: ThinkTime, maxSeconds = 60): number {
  const seconds = Math.min(time(), maxSeconds);
  sleep(seconds);
  return seconds;
}
