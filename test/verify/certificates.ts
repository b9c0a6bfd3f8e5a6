// Certificates for test servers: a certificate authority and what it signs, valid or not.

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Wish {
  /** Days from now; the end may be in the past. */
  readonly fromDays?: number;
  readonly toDays: number;
  /** Its DNS names and addresses. */
  readonly names: ReadonlyArray<{ readonly type: 'dns' | 'ip'; readonly value: string }>;
}

/** An authority; `issue` signs with it, `self` lets a certificate sign itself. */
export async function authority(): Promise<{
  readonly cert: string;
  issue(wish: Wish): Promise<Issued>;
  self(wish: Wish): Promise<Issued>;
}> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=novaperf test authority',
    notBefore: new Date(Date.now() - 400 * DAY_MS),
    notAfter: new Date(Date.now() + 400 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  const make = async ({ fromDays = -30, toDays, names }: Wish, isSelfSigned: boolean): Promise<Issued> => {
    const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: 'CN=novaperf test',
      issuer: isSelfSigned ? 'CN=novaperf test' : root.subject,
      notBefore: new Date(Date.now() + fromDays * DAY_MS),
      notAfter: new Date(Date.now() + toDays * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: own.publicKey,
      signingKey: isSelfSigned ? own.privateKey : keys.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension(names.map((name) => ({ ...name })))],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    return {
      cert: certificate.toString('pem'),
      key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    };
  };
  return {
    cert: root.toString('pem'),
    issue: (wish) => make(wish, false),
    self: (wish) => make(wish, true),
  };
}
