/** Pictures of a study by key, loaded before they are shown. */
export interface PictureStore {
  /** Address of the loaded picture; asked for once. @throws Error when it does not load */
  load(key: string): Promise<string>;
  /** Forgets a picture that was answered for. */
  forget(key: string): void;
  close(): void;
}

/** @param urlOf Where the picture of a key is. */
export function openPictureStore(urlOf: (key: string) => string): PictureStore {
  const pictures = new Map<string, Promise<string>>();
  const forget = (key: string) => {
    pictures.get(key)?.then(URL.revokeObjectURL, () => {});
    pictures.delete(key);
  };
  async function fetched(key: string): Promise<string> {
    const response = await fetch(urlOf(key));
    if (!response.ok) throw new Error(`The image did not load (status ${response.status}).`);
    return URL.createObjectURL(await response.blob());
  }
  return {
    load(key) {
      const known = pictures.get(key);
      if (known !== undefined) return known;
      const loading = fetched(key);
      pictures.set(key, loading);
      // What failed once may be asked for again.
      loading.catch(() => pictures.delete(key));
      return loading;
    },
    forget,
    close() {
      for (const key of [...pictures.keys()]) forget(key);
    },
  };
}
