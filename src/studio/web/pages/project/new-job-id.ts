/** Identity of a job that is asked for: the same for every try of one request. */
export function newJobId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
