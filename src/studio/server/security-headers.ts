/**
 * What a browser may do with anything that the studio sends. Own scripts and WebAssembly only, no inline script, no request to
 * another host, no frame around it; with `same-origin` and `require-corp` the page is isolated, which WebAssembly threads need.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    // Reports, which are sandboxed.
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
};

/**
 * What a report may do: be read, also inside a page of the studio. It is sandboxed, so that even a script in it, which may not run anyway, would be of no origin
 * and have no use of the token. A browser refuses a sandboxed document that asks for an opener policy.
 */
export const REPORT_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "sandbox",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "unsafe-none",
  "X-Frame-Options": "SAMEORIGIN",
};

/** Of everything that no one but the person at the page may keep: nothing of it is left in the browser's cache. */
export const NOT_KEPT = "private, no-store";
