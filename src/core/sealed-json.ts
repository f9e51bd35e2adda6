import { sha256 } from "./hash.ts";

/** The same content with the keys of all objects in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, ordered(each)]));
}

const sealOf = (value: object): string => sha256(JSON.stringify(ordered({ ...value, seal: undefined })));

/** The value with the SHA-256 of its content in `seal`. It shows that a file was edited by hand; whoever has this code can renew it. */
export const sealJson = <T extends object>(value: T): T & { readonly seal: string } => ({
  ...value,
  seal: sealOf(value),
});

/** Whether the content is as it was sealed; false for a value without a seal. */
export const isSealed = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "seal" in value && value.seal === sealOf(value);
