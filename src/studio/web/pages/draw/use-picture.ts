import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Picture, PictureRequest } from "../../generator/messages.ts";
import { FIRST_LANE, type PageGenerator } from "../../generator/open-generator.ts";

/** Name of the measure that the page leaves for each picture: from the input's event to the frame that shows it. */
const PICTURE_MEASURE = "ganglion.picture";
/** Measures that are kept, so that a long day of drawing fills no memory. */
const MEASURES_KEPT = 1_000;

/** A picture on the page. */
export interface ShownPicture {
  readonly picture: Picture;
  readonly request: PictureRequest;
  /** Time of the input that asked for it. */
  readonly inputTime: number;
  /** Of the computation alone. */
  readonly milliseconds: number;
}

export interface PictureState {
  readonly shown: ShownPicture | null;
  /** From the input's event to the frame with the picture, milliseconds; null before the first. */
  readonly latency: number | null;
  readonly error: string | null;
}

/** The picture of the newest request that is computed; older ones stay until it is there. */
export function usePicture(generator: PageGenerator | null, request: PictureRequest, inputTime: number): PictureState {
  const [shown, setShown] = useState<ShownPicture | null>(null);
  const [latency, setLatency] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);

  // Before the browser paints, so that the thread computes meanwhile. The time belongs to the request.
  useLayoutEffect(() => {
    if (generator === null) return;
    generator.lanes.clearOthers();
    generator.lanes.ask(FIRST_LANE, request).then(
      (drawn) => {
        if (drawn === null) return;
        setShown({ ...drawn, request, inputTime });
        setError(null);
      },
      (failure) => setError((failure as Error).message),
    );
  }, [generator, request]);

  useEffect(() => {
    if (generator === null) {
      setShown(null);
      setError(null);
    }
  }, [generator]);

  useLayoutEffect(() => {
    if (shown === null || shown.inputTime === 0) return;
    // The frame callback runs before the frame is painted, the message's after it.
    const painted = new MessageChannel();
    painted.port1.onmessage = () => {
      const end = performance.now();
      setLatency(end - shown.inputTime);
      if (performance.getEntriesByName(PICTURE_MEASURE).length >= MEASURES_KEPT) {
        performance.clearMeasures(PICTURE_MEASURE);
      }
      performance.measure(PICTURE_MEASURE, { start: shown.inputTime, end });
      painted.port1.close();
    };
    requestAnimationFrame(() => painted.port2.postMessage(null));
  }, [shown]);

  return { shown, latency, error };
}
