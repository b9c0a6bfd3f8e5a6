// Watches the disk of a run, so that a full disk is reported within seconds and not after the run.

import { statfs } from 'node:fs/promises';
import { bytes } from '../../text/format.ts';

const EVERY_MS = 2000;
/** With less free space a run of hours may not fit. */
const LOW_BYTES = 64 * 1024 * 1024;

/** What is watched, and who is informed. */
export interface DiskWatchOptions {
  readonly folder: string;
  /** Why the run is no longer written; undefined while it is written. */
  readonly problem: () => string | undefined;
  /** Called once per kind of problem, with one or two sentences. */
  readonly onTrouble: (text: string) => void;
}

/** Checks for failed writes and free space every 2 s, until stop(). */
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
      // statfs failed: a failing write will be reported.
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
