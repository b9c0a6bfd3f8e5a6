// The protocols whose requests k6 measures by endpoint: where their times are, and which of them succeeded.

import type { TagFilter } from './metrics.ts';

export const PROTOCOL_IDS = ['http', 'grpc', 'ws'] as const;

export interface Protocol {
  readonly id: (typeof PROTOCOL_IDS)[number];
  /** The trend of their times. */
  readonly latency: string;
  /** Filter for the samples of requests that succeeded; empty if k6 does not report it. */
  readonly expected: TagFilter;
}

export const PROTOCOLS = {
  http: { id: 'http', latency: 'http_req_duration', expected: { expected_response: 'true' } },
  grpc: { id: 'grpc', latency: 'grpc_req_duration', expected: { status: '0' } },
  ws: { id: 'ws', latency: 'ws_session_duration', expected: {} },
} as const satisfies Record<Protocol['id'], Protocol>;

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
export function grpcStatus(code: string): string {
  return /^\d+$/.test(code) ? (GRPC_STATUSES[Number(code)] ?? code) : code;
}
