// Where on this machine novaperf keeps what it can make again: k6, and its own compiled code.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The toolkit's folder in the per-user cache: NOVAPERF_CACHE, else `novaperf` in %LOCALAPPDATA%, ~/Library/Caches or
 * XDG_CACHE_HOME (default ~/.cache). Absolute; it need not exist.
 */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env.NOVAPERF_CACHE) return resolve(env.NOVAPERF_CACHE);
  const home = (platform === 'win32' ? env.USERPROFILE : env.HOME) || homedir();
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'novaperf');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'novaperf');
  // The XDG specification: a relative path there is invalid and to be ignored.
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(home, '.cache'), 'novaperf');
}
