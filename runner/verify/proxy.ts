// The proxy variables of the environment become the proxy that k6 will use for a URL, if any.

import { isLoopback, type Target } from './target.ts';

/**
 * The name of the variable whose proxy k6, as any Go program, uses for the target (net/http, ProxyFromEnvironment): never for
 * loopback, and not for what NO_PROXY lists. undefined: none.
 */
export function proxyVariable({ host, port, isTls }: Target, env: NodeJS.ProcessEnv): string | undefined {
  const names = isTls ? ['HTTPS_PROXY', 'https_proxy'] : ['HTTP_PROXY', 'http_proxy'];
  const variable = names.find((name) => (env[name] ?? '') !== '');
  if (variable === undefined || isLoopback(host)) return undefined;
  const exceptions = (env.NO_PROXY ?? env.no_proxy ?? '').split(',').map((text) => text.trim().toLowerCase());
  const isException = exceptions.some((text) => {
    const [name = '', onlyPort] = text.split(/:(?=\d+$)/);
    if (name === '' || (onlyPort !== undefined && Number(onlyPort) !== port)) return false;
    const suffix = name.replace(/^\*?\./, '');
    return name === '*' || host.endsWith(`.${suffix}`) || (host === suffix && !/^\*?\./.test(name));
  });
  return isException ? undefined : variable;
}

/** Whether any proxy is set: behind one, k6 sees the proxy's address and not the hosts that a script asks. */
export function anyProxy(env: NodeJS.ProcessEnv): string | undefined {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => (env[name] ?? '') !== '');
}
