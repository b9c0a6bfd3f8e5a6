// The folder for data that novaperf can recreate: k6, and its own compiled code.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * novaperf's folder in the user's cache: NOVAPERF_CACHE, otherwise `novaperf` in %LOCALAPPDATA%, ~/Library/Caches or
 * XDG_CACHE_HOME (default ~/.cache). An absolute path; the folder may not exist.
 */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.NOVAPERF_CACHE) return resolve(env.NOVAPERF_CACHE);
  const home = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'novaperf');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'novaperf');
  // XDG specification: a relative path is invalid and must be ignored.
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(home, '.cache'), 'novaperf');
}
