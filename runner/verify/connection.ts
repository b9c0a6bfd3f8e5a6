// The connection to the system: whether it is accepted, and whether k6 will accept its certificate.

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import {
  checkServerIdentity,
  type PeerCertificate,
  rootCertificates,
  type TLSSocket,
  connect as tlsConnect,
} from 'node:tls';
import { CHECK_TIMEOUT_MS, type Found, failed, passed, skipped, warning } from '../model/preflight-check.ts';
import { errorCode, messageOf } from '../system/errors.ts';
import type { Target } from './target.ts';

const DAY_MS = 86_400_000;
/** A certificate that ends sooner is a warning: many clients renew 30 days before, and all of them 14. */
const WARN_DAYS = 14;

/** Opens one TCP connection and closes it again. */
export function accepts({ url, host, port }: Target, timeoutMs = CHECK_TIMEOUT_MS): Promise<Found> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (found: Found) => {
      socket.destroy();
      resolve(found);
    };
    const fail = (what: string) =>
      end(
        failed(
          `Expected ${url} to accept connections, found: ${what}.`,
          'start the system under test, or use another one with --base-url or --env',
        ),
      );
    socket.once('connect', () => end(passed(`${socket.remoteAddress ?? host}, port ${port}`)));
    socket.once('timeout', () => fail(`no answer within ${timeoutMs / 1000} s`));
    socket.once('error', (error) => fail(messageOf(error) || 'connection failed'));
  });
}

/** Certificate options of the scripts of the cycle. */
export interface TrustOfScripts {
  /** All have insecureSkipTLSVerify, so a bad certificate does not fail requests. */
  readonly skipsVerify: boolean;
  /** Some have a client certificate (tlsAuth), which is not tested here. */
  readonly showsCertificate: boolean;
}

/** Whether the certificate is trusted and for this host, and for how many days it is still valid. */
export async function certificate(
  target: Target,
  trust: TrustOfScripts,
  env: NodeJS.ProcessEnv,
  nowMs = Date.now(),
): Promise<Found> {
  if (!target.isTls) return skipped('the URL is not https');
  const authorities = await systemAuthorities(env);
  let seen: Seen;
  try {
    seen = await handshake(target, authorities);
  } catch (error) {
    const what = `Expected ${target.url} to speak TLS, found ${handshakeProblem(error)}.`;
    if (trust.showsCertificate)
      return warning(`${what} The script has a client certificate (tlsAuth), which this check does not use.`);
    return failed(what, 'check whether this port uses https');
  }
  const problem = problemOf(seen, target, nowMs);
  if (problem === undefined) return good(seen, nowMs);
  if (trust.skipsVerify) return warning(`${problem.text} The script accepts it (insecureSkipTLSVerify).`, problem.next);
  if (problem.isUnknownIssuer && authorities === undefined)
    return warning(`${problem.text} k6 uses the certificate store of this system, which this check cannot read.`);
  return failed(problem.text, problem.next);
}

/** OpenSSL's `reason`, because its message has a thread id and a line of OpenSSL's source. */
function handshakeProblem(error: unknown): string {
  if (errorCode(error) === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'an answer that is not TLS';
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  return typeof reason === 'string' ? reason : messageOf(error);
}

interface Seen {
  readonly protocol: string;
  readonly certificate: PeerCertificate;
  /** Why OpenSSL does not trust the chain; undefined if it does. */
  readonly distrust: string | undefined;
}

function handshake({ host, port }: Target, authorities: readonly string[] | undefined): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = tlsConnect({
      host,
      port,
      // An address may not be a server name; the certificate is compared with the host below in either case.
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      // Accepts any certificate to get the reason for the check. Nothing is sent.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ca: [...(authorities ?? rootCertificates)],
      timeout: CHECK_TIMEOUT_MS,
    });
    socket.once('secureConnect', () => {
      // Despite Node's types it is a text, or an error with a code.
      const reason: unknown = socket.authorizationError;
      const distrust = socket.authorized ? undefined : reason instanceof Error ? messageOf(reason) : String(reason);
      resolve({ protocol: socket.getProtocol() ?? 'TLS', certificate: socket.getPeerCertificate(), distrust });
      socket.destroy();
    });
    socket.once('timeout', () => {
      socket.destroy();
      reject(new Error(`no handshake within ${CHECK_TIMEOUT_MS / 1000} s`));
    });
    socket.once('error', reject);
  });
}

interface Problem {
  readonly text: string;
  readonly next: string;
  readonly isUnknownIssuer: boolean;
}

function problemOf({ certificate: seen, distrust }: Seen, { host }: Target, nowMs: number): Problem | undefined {
  const fromMs = Date.parse(seen.valid_from);
  const toMs = Date.parse(seen.valid_to);
  const problem = (text: string, next: string, isUnknownIssuer = false) => ({ text, next, isUnknownIssuer });
  if (toMs < nowMs)
    return problem(
      `Expected a valid certificate, found one that expired ${daysOf(nowMs - toMs)} ago (${dayOf(toMs)}).`,
      'renew the certificate',
    );
  if (fromMs > nowMs)
    return problem(
      `Expected a valid certificate, found one that is valid only in ${daysOf(fromMs - nowMs)} (${dayOf(fromMs)}).`,
      'check the clocks of both machines',
    );
  const mismatch = checkServerIdentity(host, seen);
  if (mismatch !== undefined)
    return problem(
      `Expected a certificate for ${host}, found one for ${namesIn(seen)}.`,
      'use a host name that is in the certificate',
    );
  if (distrust === undefined) return undefined;
  return problem(
    `Expected a certificate that this machine trusts, found ${REASONS[distrust] ?? distrust}.`,
    'set SSL_CERT_FILE to the certificate authority (k6 reads it too), or set insecureSkipTLSVerify: true in the script',
    true,
  );
}

/** OpenSSL's verify codes as Node names them. */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'a self-signed one',
  SELF_SIGNED_CERT_IN_CHAIN: 'one with an unknown, self-signed authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'one with an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'one with an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'one with an unknown authority',
};

function good({ protocol, certificate: seen }: Seen, nowMs: number): Found {
  const toMs = Date.parse(seen.valid_to);
  const left = toMs - nowMs;
  if (left < WARN_DAYS * DAY_MS)
    return warning(
      `The certificate expires in ${daysOf(left)} (${dayOf(toMs)}).`,
      'renew it before it expires during a run',
    );
  return passed(`${protocol}, certificate valid for ${daysOf(left)} (until ${dayOf(toMs)})`);
}

function daysOf(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days < 1) return 'less than a day';
  return days === 1 ? '1 day' : `${days} days`;
}

function dayOf(ms: number): string {
  return Number.isNaN(ms) ? 'unknown' : new Date(ms).toISOString().slice(0, 10);
}

function namesIn({ subject, subjectaltname }: PeerCertificate): string {
  const names = (subjectaltname ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  const common: unknown = subject?.CN;
  const found = subjectaltname === undefined && typeof common === 'string' ? [common] : names;
  const shown = found.filter((name) => name !== '').slice(0, 3);
  return shown.length === 0 ? 'no host' : `${shown.join(', ')}${found.length > 3 ? ', …' : ''}`;
}

/** Files in which Go looks for certificate authorities on Linux and BSD, in order (crypto/x509/root_linux.go, root_bsd.go). */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The certificate authorities that k6, a Go program, trusts here; Node has its own list. undefined if they are not in a file, as on
 * macOS and Windows.
 */
export async function systemAuthorities(env: NodeJS.ProcessEnv): Promise<readonly string[] | undefined> {
  const files = env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : process.platform === 'darwin' ? [] : BUNDLES;
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  }
  return undefined;
}
