import type { FoundImage, FoundRepeat, InspectionSummary } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

interface ChoiceProps {
  readonly dataset: string;
  readonly leftOut: ReadonlySet<number>;
  readonly onLeaveOut: (leftOut: ReadonlySet<number>) => void;
}

interface RepeatsProps extends ChoiceProps {
  readonly found: InspectionSummary;
}

/** All but the first image of each group that has one left. */
function extras(repeats: readonly FoundRepeat[], leftOut: ReadonlySet<number>): Set<number> {
  const next = new Set(leftOut);
  for (const { images } of repeats) {
    const kept = images.flatMap(({ index }) => (index === null || next.has(index) ? [] : [index]));
    for (const index of kept.slice(1)) next.add(index);
  }
  return next;
}

/** Images that are equal or nearly so, side by side, each of which can be left out of the import. */
export function Repeats({ found, dataset, leftOut, onLeaveOut }: RepeatsProps) {
  const { t, number } = useWords();
  const { repeats } = found;
  if (repeats.length === 0) return null;
  const total = found.exactDuplicates + found.nearDuplicates;
  return (
    <section class="card" aria-labelledby="repeats-title">
      <h2 id="repeats-title">{t("look.repeats")}</h2>
      <p class="muted">{t("look.repeats.text")}</p>
      {total > repeats.length && (
        <p class="hint">{t("look.repeats.cut", { shown: repeats.length, total: number(total) })}</p>
      )}
      <p>
        <button type="button" onClick={() => onLeaveOut(extras(repeats, leftOut))}>
          {t("look.leave.extras")}
        </button>
      </p>
      <ul class="repeats">
        {repeats.map((repeat) => (
          <li key={`${repeat.kind} ${repeat.images.map(({ index, label }) => `${index}${label}`).join(" ")}`}>
            <RepeatWords repeat={repeat} />
            <div class="repeat-pair">
              {repeat.images.map((image) => (
                <ChoosableImage
                  key={`${image.index} ${image.label}`}
                  image={image}
                  dataset={dataset}
                  leftOut={leftOut}
                  onLeaveOut={onLeaveOut}
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function RepeatWords({ repeat }: { readonly repeat: FoundRepeat }) {
  const { t } = useWords();
  const { kind, labelsDiffer, acrossSplits, samePatient, transform } = repeat;
  return (
    <p>
      <strong>{t(kind === "exact" ? "look.exact" : "look.near.pair")}</strong>
      {labelsDiffer && <span class="flag">{t("look.labels.differ")}</span>}
      {acrossSplits && <span class="flag">{t("look.across")}</span>}
      {samePatient && <span class="muted"> {t("look.same.patient")}</span>}
      {transform !== null && (
        <span class="muted" lang="en">
          {" "}
          {transform}
        </span>
      )}
    </p>
  );
}

interface ChoosableImageProps extends ChoiceProps {
  readonly image: FoundImage;
}

/** A picture with its class, and a box that leaves it out. */
function ChoosableImage({ image: { index, label, split }, dataset, leftOut, onLeaveOut }: ChoosableImageProps) {
  const { t } = useWords();
  const said = [label, split].filter(Boolean).join(", ");
  if (index === null) return <span class="no-picture">{t("look.no.picture")}</span>;
  const isOut = leftOut.has(index);
  const toggle = () => {
    const next = new Set(leftOut);
    if (!next.delete(index)) next.add(index);
    onLeaveOut(next);
  };
  return (
    <label class={`choosable${isOut ? " out" : ""}`}>
      <img src={api.urls.image(dataset, index, 128)} alt={t("look.image", { n: index + 1 })} />
      <span>{said}</span>
      <span class="toggle">
        <input type="checkbox" checked={isOut} onChange={toggle} />
        {t("look.leave")}
      </span>
    </label>
  );
}

interface FlatImagesProps extends ChoiceProps {
  readonly images: readonly number[];
}

/** Images of a single value, which can be left out together. */
export function FlatImages({ images, dataset, leftOut, onLeaveOut }: FlatImagesProps) {
  const { t } = useWords();
  if (images.length === 0) return null;
  return (
    <section class="card" aria-labelledby="flat-title">
      <h2 id="flat-title">{t("look.flat")}</h2>
      <p>
        <button type="button" onClick={() => onLeaveOut(new Set([...leftOut, ...images]))}>
          {t("look.leave.flat")}
        </button>
      </p>
      <div class="repeat-pair">
        {images.map((index) => (
          <ChoosableImage
            key={index}
            image={{ index, label: "", split: null }}
            dataset={dataset}
            leftOut={leftOut}
            onLeaveOut={onLeaveOut}
          />
        ))}
      </div>
    </section>
  );
}
