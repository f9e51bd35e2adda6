import type { Drawing as DrawingToKeep, RunSummary } from "../../../api.ts";
import type { Region } from "../../drawing/region.ts";
import type { Engine } from "../../generator/messages.ts";
import { encodePng, toBase64 } from "../../picture/png.ts";
import { type PictureProvenance, sha256 } from "../../picture/provenance.ts";
import type { ShownPicture } from "./use-picture.ts";

/** How a picture on the page was made. */
export async function provenanceOf(
  run: RunSummary,
  { request }: ShownPicture,
  region: Region | null,
  engine: Engine,
): Promise<PictureProvenance> {
  const map =
    region === null
      ? {}
      : {
          tone: request.tone,
          toneEstimated: run.tonesEstimated ?? false,
          boxes: region.boxes,
          region: await sha256(region.pixels),
        };
  return {
    synthetic: true,
    generator: run.generatorHash,
    condition: run.classes[request.condition]!,
    ...map,
    seed: request.seed,
    resolution: request.resolution,
    device: engine.device,
  };
}

/** Gives the person a picture as a PNG file that says how it was made. */
export async function downloadPicture(shown: ShownPicture, provenance: PictureProvenance): Promise<void> {
  const { resolution, channels, pixels } = shown.picture;
  const picture = { width: resolution, height: resolution, channels, pixels };
  const bytes = await encodePng(picture, { ganglion: provenance });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  link.download = `synthetic-${provenance.condition.replace(/[^\p{L}\p{N}]+/gu, "-")}-${provenance.seed}.png`;
  link.click();
  // The download has begun with the click, but reads the picture after it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A drawing as the server takes it into the set of a run. */
export async function drawingToKeep(
  run: RunSummary,
  { request }: ShownPicture,
  region: Region,
): Promise<DrawingToKeep> {
  const drawing = {
    condition: run.classes[request.condition]!,
    tone: request.tone,
    seed: request.seed,
    boxes: region.boxes,
  };
  if (run.mapKind !== "mask") return drawing;
  const { resolution } = request;
  const mask = { width: resolution, height: resolution, channels: 1 as const, pixels: region.pixels };
  return { ...drawing, mask: toBase64(await encodePng(mask)) };
}
