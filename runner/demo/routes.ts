// The shop's routes with the distributions of their service times, and the match of a method and a path.

/** A lognormal distribution: `medianMs * exp(sigma * z)` with z standard normal. */
export interface LatencyDistribution {
  medianMs: number;
  sigma: number;
}

/** Service times without faults: reads are fast, search has a long tail, login hashes a password, orders write. */
export const HEALTHY_LATENCY = {
  'GET /products': { medianMs: 12, sigma: 0.35 },
  'GET /products/:id': { medianMs: 8, sigma: 0.35 },
  'GET /products/:id/related': { medianMs: 18, sigma: 0.45 },
  'GET /search': { medianMs: 30, sigma: 0.5 },
  'POST /login': { medianMs: 45, sigma: 0.25 },
  'GET /cart': { medianMs: 7, sigma: 0.3 },
  'POST /cart/items': { medianMs: 14, sigma: 0.35 },
  'DELETE /cart': { medianMs: 6, sigma: 0.3 },
  'POST /orders': { medianMs: 60, sigma: 0.45 },
} as const satisfies Record<string, LatencyDistribution>;

/** Method and path pattern of a route. */
export type RouteName = keyof typeof HEALTHY_LATENCY;

/** All routes. */
export const ROUTE_NAMES: readonly [RouteName, ...RouteName[]] = [
  'GET /products',
  'GET /products/:id',
  'GET /products/:id/related',
  'GET /search',
  'POST /login',
  'GET /cart',
  'POST /cart/items',
  'DELETE /cart',
  'POST /orders',
];

/** A route, a path that exists with other methods, or no match. */
export type RouteMatch =
  | { found: 'route'; name: RouteName; productId: number }
  | { found: 'path'; allow: string }
  | { found: 'nothing' };

const EXACT = new Map<string, RouteName>(
  ROUTE_NAMES.flatMap((name) => (name.includes(':') ? [] : [[name, name] satisfies [string, RouteName]])),
);
const PRODUCT_PATH = /^\/products\/([^/]+)(\/related)?$/;

/** Finds the route of a request. `path` is the URL's path without the query. `productId` is 0 for an invalid id, never NaN. */
export function matchRoute(method: string, path: string): RouteMatch {
  const exact = EXACT.get(`${method} ${path}`);
  if (exact !== undefined) return { found: 'route', name: exact, productId: 0 };
  const product = PRODUCT_PATH.exec(path);
  if (product !== null) {
    if (method !== 'GET') return { found: 'path', allow: 'GET' };
    const name = product[2] === undefined ? 'GET /products/:id' : 'GET /products/:id/related';
    return { found: 'route', name, productId: /^[1-9]\d{0,8}$/.test(product[1] ?? '') ? Number(product[1]) : 0 };
  }
  const allow = ROUTE_NAMES.filter((name) => name.endsWith(` ${path}`)).map((name) => name.slice(0, name.indexOf(' ')));
  return allow.length > 0 ? { found: 'path', allow: allow.join(', ') } : { found: 'nothing' };
}

/** Quantile of a lognormal distribution from the matching quantile of the standard normal (p95: 1.6449). Milliseconds. */
export function lognormalMs(distribution: LatencyDistribution, normal: number): number {
  return distribution.medianMs * Math.exp(distribution.sigma * normal);
}
