import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../components/icon.tsx";
import { PictureCanvas } from "../../components/picture-canvas.tsx";
import type { Picture, PictureRequest } from "../../generator/messages.ts";
import type { PageGenerator } from "../../generator/open-generator.ts";
import { useWords } from "../../texts/texts.ts";

/** Seeds side by side. */
const STRIP_SEEDS = 8;
/** Rest of the drawing before the strip follows it, milliseconds. */
const REST = 120;

interface SeedStripProps {
  readonly generator: PageGenerator | null;
  readonly request: PictureRequest;
  /** The drawing changes right now: the strip waits. */
  readonly moving: boolean;
  readonly smooth: boolean;
  readonly onChoose: (seed: number) => void;
}

/** The same map with other seeds; computed when the picture under the pointer leaves time for it. */
export function SeedStrip({ generator, request, moving, smooth, onChoose }: SeedStripProps) {
  const [start, setStart] = useState(request.seed);
  const { t } = useWords();
  const [pictures, setPictures] = useState<ReadonlyMap<number, Picture>>(new Map());
  const { region, condition, tone, seed } = request;
  // A seed from elsewhere brings its neighbours; one may also look further without choosing.
  useEffect(() => setStart((from) => (seed >= from && seed < from + STRIP_SEEDS ? from : seed)), [seed]);
  // The rest of a request belongs to the generator; another seed made the strip wait, so it starts anew.
  useEffect(() => {
    if (generator === null || moving) return;
    let current = true;
    const timer = setTimeout(() => {
      for (let i = 0; i < STRIP_SEEDS; i++) {
        const one = { ...request, seed: start + i };
        generator.lanes.ask(`seed ${i}`, one).then(
          (drawn) => {
            if (drawn !== null && current) setPictures((before) => new Map(before).set(i, drawn.picture));
          },
          () => {},
        );
      }
    }, REST);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [generator, moving, region, condition, tone, start, seed]);
  return (
    <section class="strip" aria-label={t("draw.seeds.text")}>
      <h2>{t("draw.seeds")}</h2>
      <div class="strip-pictures">
        {Array.from({ length: STRIP_SEEDS }, (_, i) => (
          <button
            key={start + i}
            type="button"
            aria-pressed={start + i === seed}
            aria-label={t("draw.seed.n", { n: String(start + i) })}
            onClick={() => onChoose(start + i)}
          >
            <PictureCanvas picture={pictures.get(i) ?? null} label="" smooth={smooth} />
            <span>{start + i}</span>
          </button>
        ))}
      </div>
      <button
        type="button"
        class="quiet"
        onClick={() => setStart(start + STRIP_SEEDS)}
        aria-label={t("draw.seeds.next")}
      >
        <span class="further">{t("draw.next")}</span>
        <Icon name="next" />
      </button>
    </section>
  );
}
