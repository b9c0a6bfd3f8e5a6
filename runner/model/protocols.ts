// The protocols whose requests k6 measures by endpoint: where their counts and times are, which succeeded, and what they are called.

import type { TagFilter } from './metrics.ts';

export const PROTOCOL_IDS = ['http', 'grpc', 'ws'] as const;

/** Kinds of rows in the table of errors that are failed requests. http: an error response; transport: none; grpc: a status but OK. */
export const REQUEST_ERROR_KINDS = ['http', 'transport', 'grpc'] as const;
type RequestErrorKind = (typeof REQUEST_ERROR_KINDS)[number];

export interface Throughput {
  readonly metric: string;
  /** Of the chart. */
  readonly title: string;
  /** What the metric counts, plural. */
  readonly noun: string;
}

export interface Protocol {
  readonly id: (typeof PROTOCOL_IDS)[number];
  /** The metric of its requests: a counter, or a trend with a sample of each. */
  readonly counted: string;
  /** The trend of their times. */
  readonly latency: string;
  /** What their latency is called. */
  readonly label: string;
  /** Filter for the samples of requests that succeeded; empty if k6 does not report it. */
  readonly expected: TagFilter;
  /** Which samples those are, in words; all of them where the filter is empty. */
  readonly scope: string;
  /** One request, singular. */
  readonly noun: string;
  /** Its requests among those of other protocols: `HTTP requests`. */
  readonly plural: string;
  /** What its chart of throughput counts: the first that the run has. */
  readonly throughput: readonly Throughput[];
  /** k6's own rate of failed requests; undefined where it has none: the status of each request says whether it failed. */
  readonly failed: string | undefined;
  /** Those of the failed requests that got no response; undefined where k6 does not say which. */
  readonly unanswered: TagFilter | undefined;
  /** Kinds of rows in the table of errors that are its failed requests. */
  readonly errorKinds: readonly RequestErrorKind[];
  /** A status as people read it; undefined where requests have none. */
  readonly statusName: ((status: string) => string) | undefined;
  /** What stands next to the name of a status: its number where the name does not say it; '' for nothing. */
  readonly statusNote: (status: string) => string;
  /** A request as tables call it, from its tags. */
  readonly titleOf: (tags: { readonly name: string; readonly method: string }) => string;
  /** The URL of a request, from its tag `url`. */
  readonly urlOf: (tag: string) => string;
  /** The chart of the statuses; undefined where there is none. */
  readonly statusChart: string | undefined;
  /** Whether they are rows of the table of endpoints; otherwise they have a table of their own. */
  readonly isInEndpoints: boolean;
}

export const PROTOCOLS = {
  http: {
    id: 'http',
    counted: 'http_reqs',
    latency: 'http_req_duration',
    label: 'Response time',
    expected: { expected_response: 'true' },
    scope: 'successful requests',
    noun: 'request',
    plural: 'HTTP requests',
    throughput: [{ metric: 'http_reqs', title: 'Requests per second', noun: 'requests' }],
    failed: 'http_req_failed',
    unanswered: { status: '0' },
    errorKinds: ['http', 'transport'],
    statusName: (status: string) => (status === '0' ? 'no response' : status === '' ? 'no status' : status),
    statusNote: () => '',
    titleOf: nameWithMethod,
    urlOf: asWritten,
    statusChart: 'Response codes per second',
    isInEndpoints: true,
  },
  grpc: {
    id: 'grpc',
    counted: 'grpc_req_duration',
    latency: 'grpc_req_duration',
    label: 'gRPC call time',
    expected: { status: '0' },
    scope: 'successful calls (status OK)',
    noun: 'call',
    plural: 'gRPC calls',
    throughput: [{ metric: 'grpc_req_duration', title: 'gRPC calls per second', noun: 'calls' }],
    failed: undefined,
    unanswered: undefined,
    errorKinds: ['grpc'],
    statusName: grpcStatus,
    statusNote: (status: string) => `gRPC ${status}`,
    // `/shop.Cart/Get` names the service and the method.
    titleOf: ({ name }: { readonly name: string }) => name.replace(/^\//, ''),
    // The script gives an address, `shop:443/Cart/Add` or `dns:///shop:443/Cart/Add`.
    urlOf: (tag: string) => (tag === '' ? '' : `http://${tag.replace(/^\w+:\/\/\/?/, '')}`),
    statusChart: 'gRPC statuses per second',
    isInEndpoints: true,
  },
  ws: {
    id: 'ws',
    counted: 'ws_sessions',
    latency: 'ws_session_duration',
    label: 'WebSocket session time',
    expected: {},
    scope: 'all sessions',
    noun: 'session',
    plural: 'WebSocket sessions',
    throughput: [
      { metric: 'ws_msgs_sent', title: 'WebSocket messages sent per second', noun: 'messages' },
      { metric: 'ws_sessions', title: 'WebSocket sessions per second', noun: 'sessions' },
    ],
    failed: undefined,
    unanswered: undefined,
    errorKinds: [],
    statusName: undefined,
    statusNote: () => '',
    titleOf: nameWithMethod,
    urlOf: asWritten,
    statusChart: undefined,
    isInEndpoints: false,
  },
} as const satisfies Record<Protocol['id'], Protocol>;

/** In the order in which reports look for them. */
export const EVERY_PROTOCOL: readonly Protocol[] = Object.values(PROTOCOLS);

/** Whether k6 says which requests of it succeeded. */
export function tellsSuccess({ expected }: Protocol): boolean {
  return Object.keys(expected).length > 0;
}

/** Protocols whose requests fail by their status: k6 has no metric of its own for those that failed. */
export const FAILED_BY_STATUS: readonly Protocol[] = EVERY_PROTOCOL.filter(
  (protocol) => protocol.failed === undefined && tellsSuccess(protocol),
);

/** The protocol of a row of the table of errors; undefined where the row is not of requests that failed. */
export function protocolOfError({ kind }: { readonly kind: string }): Protocol | undefined {
  return EVERY_PROTOCOL.find(({ errorKinds }) => errorKinds.some((each) => each === kind));
}

/** Whether a row of the table of errors is of requests that failed. */
export function isRequestError(error: { readonly kind: string }): boolean {
  return protocolOfError(error) !== undefined;
}

/** `GET /products`; a name that begins with its method stays as it is. */
export function nameWithMethod({ name, method }: { readonly name: string; readonly method: string }): string {
  return method === '' || name.startsWith(`${method} `) ? name : `${method} ${name}`;
}

function asWritten(tag: string): string {
  return tag;
}

/** The status codes of gRPC by number: https://grpc.io/docs/guides/status-codes/. */
const GRPC_STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

/** `UNAVAILABLE` for `14`; a number that gRPC does not know stays as it is. */
function grpcStatus(code: string): string {
  return /^\d+$/.test(code) ? (GRPC_STATUSES[Number(code)] ?? code) : code;
}
