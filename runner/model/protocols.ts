// The protocols that k6 measures per endpoint: their metrics, which requests succeeded, and their wording.

import type { TagFilter } from './metrics.ts';

export const PROTOCOL_IDS = ['http', 'grpc', 'ws'] as const;

/**
 * Kinds of error rows that are failed requests. http: an error response. transport: no response. grpc: a status other
 * than OK.
 */
export const REQUEST_ERROR_KINDS = ['http', 'transport', 'grpc'] as const;
type RequestErrorKind = (typeof REQUEST_ERROR_KINDS)[number];

export interface Throughput {
  readonly metric: string;
  /** Title of the chart. */
  readonly title: string;
  /** What the metric counts, plural. */
  readonly noun: string;
}

export interface Protocol {
  readonly id: (typeof PROTOCOL_IDS)[number];
  /** The metric that counts its requests: a counter, or a trend with one sample per request. */
  readonly counted: string;
  /** The trend of their times. */
  readonly latency: string;
  /** The label of that trend. */
  readonly label: string;
  /** Filter for samples of successful requests; empty if k6 does not report success. */
  readonly expected: TagFilter;
  /** The same filter in words. */
  readonly scope: string;
  /** One request, singular. */
  readonly noun: string;
  /** Its requests among those of other protocols: `HTTP requests`. */
  readonly plural: string;
  /** Metrics for the throughput chart: the first one that the run has is used. */
  readonly throughput: readonly Throughput[];
  /** k6's rate of failed requests; undefined if there is none, so failures are found by status. */
  readonly failed: string | undefined;
  /** Filter for failed requests without a response; undefined if k6 does not report which. */
  readonly unanswered: TagFilter | undefined;
  /** Kinds of rows in the table of errors that are its failed requests. */
  readonly errorKinds: readonly RequestErrorKind[];
  /** A readable status; undefined if requests have none. */
  readonly statusName: ((status: string) => string) | undefined;
  /** A short text next to the status name, such as its number; '' for none. */
  readonly statusNote: (status: string) => string;
  /** The title of a request in tables, from its tags. */
  readonly titleOf: (tags: { readonly name: string; readonly method: string }) => string;
  /** The URL of a request, from its tag `url`. */
  readonly urlOf: (tag: string) => string;
  /** Title of the chart of statuses; undefined if there is none. */
  readonly statusChart: string | undefined;
  /** True if its endpoints are in the table of endpoints; otherwise they have their own table. */
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
    // `/shop.Cart/Get` contains service and method.
    titleOf: ({ name }: { readonly name: string }) => name.replace(/^\//, ''),
    // Scripts give an address: `shop:443/Cart/Add` or `dns:///shop:443/Cart/Add`.
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

/** All protocols, in the order of reports. */
export const EVERY_PROTOCOL: readonly Protocol[] = Object.values(PROTOCOLS);

/** True if k6 reports which requests of the protocol succeeded. */
export function reportsSuccess({ expected }: Protocol): boolean {
  return Object.keys(expected).length > 0;
}

/** Protocols with failed requests found by status, because k6 has no metric for them. */
export const FAILED_BY_STATUS: readonly Protocol[] = EVERY_PROTOCOL.filter(
  (protocol) => protocol.failed === undefined && reportsSuccess(protocol),
);

/** The protocol of a row in the table of errors; undefined if the row is not about failed requests. */
export function protocolOfError({ kind }: { readonly kind: string }): Protocol | undefined {
  return EVERY_PROTOCOL.find(({ errorKinds }) => errorKinds.some((each) => each === kind));
}

/** True if a row of the table of errors is about failed requests. */
export function isRequestError(error: { readonly kind: string }): boolean {
  return protocolOfError(error) !== undefined;
}

/** `GET /products`; a name that already starts with its method is left unchanged. */
export function nameWithMethod({ name, method }: { readonly name: string; readonly method: string }): string {
  return method === '' || name.startsWith(`${method} `) ? name : `${method} ${name}`;
}

function asWritten(tag: string): string {
  return tag;
}

/** gRPC status codes by number: https://grpc.io/docs/guides/status-codes/. */
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

/** `UNAVAILABLE` for `14`; an unknown number is returned unchanged. */
function grpcStatus(code: string): string {
  return /^\d+$/.test(code) ? (GRPC_STATUSES[Number(code)] ?? code) : code;
}
