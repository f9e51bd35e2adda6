/**
 * Text in which no address shows a name or password: `redis://:word@host` => `redis://***@host`. A password with a slash in it, which
 * belongs written as `%2F`, is kept quiet as well.
 */
export function redactAddresses(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/+)[^\s/@"'`<>]*:[^\s"'`<>]*@/gi, "$1***@")
    .replace(/\b([a-z][a-z0-9+.-]*:\/+)(?!\*\*\*@)[^\s/?#"'`<>]+@/gi, "$1***@");
}

/** An address as it may be shown although it is none: all that stands before an `@` is kept quiet. */
export function shownAddress(address: string): string {
  const [, scheme = "", rest = address] = /^([a-z][a-z0-9+.-]*:\/*)?(.*)$/is.exec(address) ?? [];
  const at = rest.lastIndexOf("@");
  if (at < 0) return address;
  // What looks like a scheme may be a name: `name:word@host`.
  return `${scheme.endsWith("/") ? scheme : ""}***@${rest.slice(at + 1)}`;
}

const HEADER = /((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-amz-security-token)(["']?\s*[:=]\s*)[^\r\n<>]*/gi;
const CREDENTIALS = /\b(bearer|basic|digest|negotiate)\s+[\w+/=.~-]{4,}/gi;

/**
 * What a server said, without what it may repeat of a request: headers that say who somebody is, and the secrets themselves.
 * @param secrets Values of such headers. Their last word (`Bearer WORD`) and what it decodes to count as well.
 */
export function redactServerText(text: string, secrets: readonly string[] = []): string {
  const words = secrets.flatMap((secret) => {
    const last = secret.split(" ").at(-1)!;
    const decoded = Buffer.from(last, "base64").toString("utf8");
    // `name:word` of `Basic`.
    const pair = /^basic /i.test(secret) ? [decoded, decoded.slice(decoded.indexOf(":") + 1)] : [];
    return [secret, last, ...pair].filter((word) => word.length >= 4);
  });
  const named = words.reduce((left, word) => left.replaceAll(word, "***"), text);
  return redactAddresses(named).replace(HEADER, "$1$2***").replace(CREDENTIALS, "$1 ***");
}
