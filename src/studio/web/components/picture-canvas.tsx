import { useLayoutEffect, useRef } from "preact/hooks";
import type { Picture } from "../generator/messages.ts";

interface PictureCanvasProps {
  readonly picture: Picture | null;
  /** Empty for a picture inside of something that has a name. */
  readonly label: string;
  /** Between pixels; else every pixel is a square. */
  readonly smooth: boolean;
}

/** Pixels of a picture as RGBA. */
function toRgba({ pixels, channels, resolution }: Picture): ImageData {
  const image = new ImageData(resolution, resolution);
  const last = channels - 1;
  for (let i = 0; i < resolution * resolution; i++) {
    image.data[4 * i] = pixels[i * channels]!;
    image.data[4 * i + 1] = pixels[i * channels + Math.min(1, last)]!;
    image.data[4 * i + 2] = pixels[i * channels + last]!;
    image.data[4 * i + 3] = 255;
  }
  return image;
}

/** A picture that was computed in the browser; as large as its place allows. */
export function PictureCanvas({ picture, label, smooth }: PictureCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Before the browser paints, so that the picture is in the very next frame.
  useLayoutEffect(() => {
    if (picture === null || canvas.current === null) return;
    const { resolution } = picture;
    if (canvas.current.width !== resolution) {
      canvas.current.width = resolution;
      canvas.current.height = resolution;
    }
    // Kept in memory: pixels are only ever put, which a graphics processor gains nothing by.
    canvas.current.getContext("2d", { willReadFrequently: true })?.putImageData(toRgba(picture), 0, 0);
  }, [picture]);
  const named = label === "" ? ({ "aria-hidden": "true" } as const) : ({ role: "img", "aria-label": label } as const);
  return <canvas ref={canvas} class={smooth ? "picture" : "picture pixels"} {...named} />;
}
