// The disk that a run is kept on is watched while the run goes on: a full one is reported within seconds, not after the run.

import { statfs } from 'node:fs/promises';
import { bytes } from '../../text/format.ts';

const EVERY_MS = 2000;
/** Below this a run of hours may not fit any more. */
const LOW_BYTES = 64 * 1024 * 1024;

export interface DiskWatchOptions {
  readonly folder: string;
  /** Why the run is no longer written; undefined while it is. */
  readonly problem: () => string | undefined;
  /** Gets one or two sentences, each kind of trouble once. */
  readonly onTrouble: (text: string) => void;
}

/** Looks every 2 s until stop(): at what could not be written, and at the room that is left. */
export function watchDisk({ folder, problem, onTrouble }: DiskWatchOptions): { stop(): void } {
  let saidFull = false;
  let saidLow = false;
  const look = async () => {
    const why = problem();
    if (why !== undefined && !saidFull) {
      saidFull = true;
      onTrouble(
        `The run can no longer be written to disk and is only kept in memory: ${why}. The test is still running.`,
      );
      return;
    }
    if (saidFull || saidLow) return;
    const free = await statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      // The folder cannot be asked: a failing write will say so.
      () => undefined,
    );
    if (free === undefined || free >= LOW_BYTES || saidLow) return;
    saidLow = true;
    onTrouble(`Disk almost full: ${bytes(free)} left for ${folder}. The test is still running. Free disk space.`);
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();
  void look();
  return { stop: () => clearInterval(timer) };
}
