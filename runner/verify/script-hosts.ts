// The hosts that a script names itself: URLs in its code and in the variables that it reads. They become a check like the target.

import { isIP } from 'node:net';
import { type Found, failed, passed, skipped, warning } from '../model/check.ts';
import { hostName, k6Understands } from '../model/host-pattern.ts';
import type { Bundle } from '../scenario/bundle.ts';
import { redactUrl } from '../text/secrets.ts';
import { mayLoad, type Permission } from './allowed.ts';
import { anyProxy } from './proxy.ts';

/** A host, and where it was seen: the URL in the code, or `TARGET` of the environment. */
export interface SeenHost {
  readonly host: string;
  readonly where: string;
}

/**
 * A URL at the beginning of a string of the code. Not what a module is imported from, nor the name of an XML namespace, which nobody
 * asks. Hosts that are put together while the script runs are not seen: against those stand the flags that k6 gets.
 */
const URL_IN_CODE = /(["'`])((?:https?|wss?):\/\/[^\s"'`$\\<>]+)/g;
const NO_REQUEST = /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\bxmlns(?::[\w.-]+)?=\\?)\s*$/;
/** `__ENV.NAME ||` before a string: it counts only where the variable is not set. */
const DEFAULT_OF = /__ENV(?:\.|\[["'`])([A-Za-z_]\w*)(?:["'`]\])?\s*(?:\|\||\?\?)\s*$/;
const VARIABLE = /__ENV(?:\.|\[["'`])([A-Za-z_]\w*)/g;

/** What the script's own code and variables name; packages from npm are left out: their URLs are documentation. */
export function hostsOf({ code }: Pick<Bundle, 'code'>, env: Readonly<Record<string, string | undefined>>): SeenHost[] {
  const own = ownCode(code);
  const seen = new Map<string, string>();
  for (const match of own.matchAll(URL_IN_CODE)) {
    const before = own.slice(Math.max(0, match.index - 200), match.index);
    const [, variable] = DEFAULT_OF.exec(before) ?? [];
    if (NO_REQUEST.test(before) || (variable !== undefined && (env[variable] ?? '') !== '')) continue;
    add(seen, match[2] ?? '', redactUrl(match[2] ?? ''));
  }
  for (const [, name = ''] of own.matchAll(VARIABLE)) {
    const value = env[name] ?? '';
    if (/^(https?|wss?):\/\//i.test(value)) add(seen, value, name);
  }
  return [...seen].map(([host, where]) => ({ host, where }));
}

function add(seen: Map<string, string>, url: string, where: string): void {
  if (!URL.canParse(url)) return;
  const host = hostName(new URL(url).hostname);
  if (host !== '' && !seen.has(host)) seen.set(host, where);
}

/** esbuild writes the path of each module above it: `// node_modules/x/index.js`. */
function ownCode(code: string): string {
  return code
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .split(/^(?=\s*\/\/ \S+\.\w+$)/m)
    .filter((part) => !/^\s*\/\/ \S*node_modules\//.test(part))
    .join('');
}

/** Whether load may go to every host that the script names. Nothing is resolved here: k6 holds addresses against the same list. */
export function scriptHosts(
  bundle: Pick<Bundle, 'code'>,
  env: Readonly<Record<string, string | undefined>>,
  permission: Permission,
): Found {
  const hosts = hostsOf(bundle, env);
  const refused = hosts.flatMap(({ host, where }) => {
    const found = mayLoad(host, isIP(host) > 0 ? [host] : [], permission);
    return found.state === 'failed' ? [{ found, where }] : [];
  });
  const [first, ...others] = refused;
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` The same of ${others.map(({ where }) => where).join(', ')}.`;
    return failed(`${first.found.detail} The script names it: ${first.where}.${more}`, first.found.next);
  }
  const proxy = anyProxy(process.env);
  if (permission.forbid.length > 0 && proxy !== undefined) {
    return warning(
      `${proxy} is set: k6 asks the proxy, and cannot refuse a forbidden host that a script makes up.`,
      'name the hosts of testing.performance.forbid in NO_PROXY as well: k6 then asks them itself, and is refused',
    );
  }
  const loose = permission.forbid.filter((pattern) => !k6Understands(pattern)).map(({ text }) => text);
  const held =
    loose.length === 0 ? '' : `; k6 cannot be held to ${loose.join(', ')}, should the script make up such a host`;
  if (hosts.length > 0) return passed(`${hosts.map(({ host }) => host).join(', ')}${held}`);
  return permission.forbid.length > 0 ? passed(`none${held}`) : skipped('the script names none');
}
