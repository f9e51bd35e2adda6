import { useCallback, useEffect, useState } from "preact/hooks";

/** Something that the server was asked for. */
export interface Resource<T> {
  readonly value: T | null;
  /** Why the last answer could not be had; an earlier one stays the value. */
  readonly error: string | null;
  /** Asks again; what is shown stays until another answer is there. */
  reload(): void;
}

/**
 * Asks when the component appears and whenever `key` changes.
 * @param key Names what is asked for; null asks for nothing.
 */
export function useResource<T>(key: string | null, load: () => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: string | null }>({
    key,
    value: null,
    error: null,
  });
  const [turn, setTurn] = useState(0);
  // `key` names what `load` asks for, `turn` asks again.
  useEffect(() => {
    if (key === null) return;
    let current = true;
    load().then(
      (value) => current && setState({ key, value, error: null }),
      (error) =>
        current &&
        setState((last) => ({ key, value: last.key === key ? last.value : null, error: (error as Error).message })),
    );
    return () => {
      current = false;
    };
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const { value, error } = state.key === key ? state : { value: null, error: null };
  return { value, error, reload };
}
