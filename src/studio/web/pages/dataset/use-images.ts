import { useCallback, useRef, useState } from "preact/hooks";
import type { DatasetImage } from "../../../api.ts";
import { api, type ImageQuery } from "../../api-client.ts";

/** Images that are asked for at once. */
const BLOCK = 120;
/** Blocks that are kept, those used last. */
const MOST_BLOCKS = 40;
/** Milliseconds for which a place must be in view before it is asked for: what is scrolled past is not. */
const PAUSE = 60;

/** Images of a dataset by their position in a filter, as far as they are known. */
export interface ImagesByPosition {
  /** Null until the first answer. */
  readonly total: number | null;
  readonly error: string | null;
  at(position: number): DatasetImage | null;
  /** Asks for the images from `first` up to `end`, unless the returned function is called soon after. */
  want(first: number, end: number): () => void;
}

/** Images of a dataset with the filter that the component began with, in blocks that are asked for when they are wanted. */
export function useImages(id: string, filter: Pick<ImageQuery, "class" | "split" | "tone">): ImagesByPosition {
  /** Null while a block is on its way. */
  const blocks = useRef(new Map<number, readonly DatasetImage[] | null>());
  const [{ total, error }, setState] = useState<{ total: number | null; error: string | null }>({
    total: null,
    error: null,
  });
  const load = useCallback(async (block: number) => {
    const known = blocks.current;
    known.set(block, null);
    try {
      const page = await api.images(id, { ...filter, offset: block * BLOCK, limit: BLOCK });
      known.set(block, page.images);
      for (const old of [...known.keys()].slice(0, -MOST_BLOCKS)) known.delete(old);
      setState({ total: page.total, error: null });
    } catch (cause) {
      known.delete(block);
      setState((before) => ({ ...before, error: (cause as Error).message }));
    }
  }, []);
  const want = useCallback((first: number, end: number) => {
    const known = blocks.current;
    const ask = () => {
      for (let block = Math.floor(first / BLOCK); block === 0 || block * BLOCK < end; block++) {
        const found = known.get(block);
        if (found === undefined) void load(block);
        else if (found !== null) {
          // Used last.
          known.delete(block);
          known.set(block, found);
        }
      }
    };
    const timer = setTimeout(ask, known.size === 0 ? 0 : PAUSE);
    return () => clearTimeout(timer);
  }, []);
  return {
    total,
    error,
    at: (position) => blocks.current.get(Math.floor(position / BLOCK))?.[position % BLOCK] ?? null,
    want,
  };
}
