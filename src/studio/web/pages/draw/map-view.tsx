import { useMemo } from "preact/hooks";
import { fillMap, MAP_CHANNELS } from "../../../../data/maps/semantic-map.ts";
import { PictureCanvas } from "../../components/picture-canvas.tsx";
import type { Picture, PictureRequest } from "../../generator/messages.ts";
import { useWords } from "../../texts/texts.ts";

/** The map as a picture: its three channels as red, green and blue. */
function mapPicture({ resolution, region, condition, conditions, tone }: PictureRequest): Picture {
  const area = resolution * resolution;
  const values = new Float32Array(MAP_CHANNELS * area);
  fillMap(values, 0, { condition, conditions, tone }, region ?? new Uint8Array(area));
  const pixels = new Uint8Array(MAP_CHANNELS * area);
  for (let c = 0; c < MAP_CHANNELS; c++) {
    for (let i = 0; i < area; i++) pixels[i * MAP_CHANNELS + c] = Math.round(255 * values[c * area + i]!);
  }
  return { resolution, channels: 3, pixels };
}

/** What the generator is shown. */
export function MapView({ request }: { readonly request: PictureRequest }) {
  const { t } = useWords();
  const picture = useMemo(() => mapPicture(request), [request]);
  return (
    <figure class="map-view">
      <PictureCanvas picture={picture} label={t("draw.map")} smooth={false} />
      <figcaption>{t("draw.map.text", { size: String(request.resolution) })}</figcaption>
    </figure>
  );
}
