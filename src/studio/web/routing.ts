import { useEffect, useState } from "preact/hooks";

/** Pages by the first word of their address. */
export const PAGES = ["project", "draw", "run", "study", "dataset", "reader-study"] as const;
export type PageName = (typeof PAGES)[number];

/** Where the page stands, from the part of the address after `#/`. */
export interface Route {
  readonly page: PageName | null;
  /** What is shown: id of a run, study, dataset or reader study. */
  readonly id: string | null;
  /** Further settings, e.g. `?class=nevus`. */
  readonly query: URLSearchParams;
}

/** Reads an address such as `#/dataset/ID?split=val`. */
export function parseRoute(hash: string): Route {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name, id] = path!.split("/").map(decodeURIComponent);
  const page = PAGES.find((known) => known === name) ?? null;
  return { page, id: id === undefined || id === "" ? null : id, query: new URLSearchParams(query) };
}

export function routeTo(page: PageName, id?: string | null, query: Readonly<Record<string, string>> = {}): string {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  return `#/${page}${id == null ? "" : `/${encodeURIComponent(id)}`}${words === "" ? "" : `?${words}`}`;
}

/** The present route; the component is drawn anew when it changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener("hashchange", follow);
    // The address may have changed between the first drawing and now.
    follow();
    return () => removeEventListener("hashchange", follow);
  }, []);
  return parseRoute(hash);
}
