// The proxy that k6 uses for a URL, from the environment.

import { BlockList, isIP } from 'node:net';
import { isLoopback, type Target } from './target.ts';

/**
 * The name of the variable with the proxy that k6 uses for the system, as any Go program (golang.org/x/net/http/httpproxy): not for
 * loopback, and not for entries of NO_PROXY: names with subdomains, addresses and ranges. undefined: no proxy. Own code, because
 * packages for Node read NO_PROXY by other rules.
 */
export function proxyVariable({ host, port, isTls }: Target, env: NodeJS.ProcessEnv): string | undefined {
  const names = isTls ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const variable = names.find((name) => (env[name] ?? '') !== '');
  if (variable === undefined || isLoopback(host)) return undefined;
  const exceptions = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((text) => text.trim().toLowerCase());
  const isException = exceptions.some((text) => isListed(text, host, port));
  return isException ? undefined : variable;
}

function isListed(text: string, host: string, port: number): boolean {
  if (text === '*') return true;
  const [range = '', bits] = text.split(/\/(.*)/s);
  if (bits !== undefined) return isWithin(host, range, bits);
  const [name = '', onlyPort] = isIP(text) > 0 ? [text] : text.split(/:(?=\d+$)/);
  if (name === '' || (onlyPort !== undefined && Number(onlyPort) !== port)) return false;
  const suffix = name.replace(/^\*?\./, '');
  return host.endsWith(`.${suffix}`) || (host === suffix && !/^\*?\./.test(name));
}

/** Whether the host is an address in a range such as 10.0.0.0/8; as in Go, an invalid range matches nothing. */
function isWithin(host: string, network: string, bits: string): boolean {
  const [family, ofHost] = [isIP(network), isIP(host)];
  const most = family === 6 ? 128 : 32;
  if (family === 0 || ofHost !== family || !/^\d+$/.test(bits) || Number(bits) > most) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}

/** The variable of any proxy: k6 then connects to the proxy and not to the hosts of the script. */
export function anyProxy(env: NodeJS.ProcessEnv): string | undefined {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => (env[name] ?? '') !== '');
}
