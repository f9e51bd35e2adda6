import { readFileSync } from "node:fs";
import tls from "node:tls";

/** Where systems keep the certificates that they trust, in one file: Debian, Red Hat, SUSE, Alpine and macOS. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Certificates of the authorities to trust, PEM: those of Node and those of the system, such as a hospital's own. The
 * system's are those of `SSL_CERT_FILE` where that is set, else of Node's own look-up (22.15 and newer), else of the
 * first known bundle.
 */
export function trustedCertificates(env: NodeJS.ProcessEnv = process.env): string[] {
  const all = [...tls.rootCertificates, ...systemCertificates(env)];
  const extra = env.NODE_EXTRA_CA_CERTS === undefined ? null : readBundle(env.NODE_EXTRA_CA_CERTS);
  return extra === null ? all : [...all, extra];
}

function systemCertificates(env: NodeJS.ProcessEnv): readonly string[] {
  const named = env.SSL_CERT_FILE === undefined ? null : readBundle(env.SSL_CERT_FILE);
  if (named !== null) return [named];
  const { getCACertificates } = tls as { getCACertificates?: (type: "system") => string[] };
  if (getCACertificates !== undefined) return getCACertificates("system");
  for (const path of BUNDLES) {
    const bundle = readBundle(path);
    if (bundle !== null) return [bundle];
  }
  return [];
}

function readBundle(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
