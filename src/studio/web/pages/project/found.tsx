import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { InspectionSummary } from "../../../project-api.ts";
import { Facts } from "../../components/facts.tsx";
import { useWords } from "../../texts/texts.ts";

const tonesText = (counts: readonly number[], number: (value: number) => string): string =>
  counts.map((count, i) => `${TONE_NAMES[i]} ${number(count)}`).join(", ");

/** What an inspection found: counts, classes as bars, and what a person should look at. */
export function Found({ found }: { readonly found: InspectionSummary }) {
  const { t, number } = useWords();
  const { images, classes, sizes, splits, patients, masks } = found;
  const tonesName = t(found.tones?.estimated ? "look.tones.estimated" : "look.tones");
  const largest = Math.max(1, ...classes.map(({ count }) => count));
  const facts: [string, string][] = [
    [t("look.images"), number(images)],
    [t("look.sizes"), sizes.map(({ width, height, count }) => `${width} × ${height} (${number(count)})`).join(", ")],
    [
      t("look.patients"),
      patients === null || found.imagesPerPatient === null
        ? t("look.patients.none")
        : t(
            found.imagesPerPatient.least === found.imagesPerPatient.most ? "look.patients.even" : "look.patients.each",
            {
              patients,
              ...found.imagesPerPatient,
            },
          ),
    ],
    [t("look.masks"), number(masks)],
    [
      t("look.splits"),
      Object.entries(splits)
        .map(([name, count]) => `${name} ${number(count)}`)
        .join(", ") || t("look.splits.none"),
    ],
    [t("look.duplicates"), number(found.exactDuplicates)],
    [t("look.near"), number(found.nearDuplicates)],
    [t("look.leaks"), number(found.patientLeaks)],
    [t("look.damaged"), number(found.damaged)],
    [t("look.flat"), number(found.flat)],
    [t("look.imbalance"), t("look.imbalance.value", { ratio: found.imbalance.toFixed(1) })],
    ...(found.tones === null ? [] : [[tonesName, tonesText(found.tones.counts, number)] as [string, string]]),
    ...(found.missing.length === 0
      ? []
      : [
          [t("look.missing"), found.missing.map(({ column, count }) => `${column} ${number(count)}`).join(", ")] as [
            string,
            string,
          ],
        ]),
  ];
  return (
    <section class="card found" aria-labelledby="found-title">
      <h2 id="found-title">{t("look.title")}</h2>
      <Facts facts={facts} />
      <h3>{t("look.classes")}</h3>
      <ul class="class-bars">
        {classes.map(({ name, count }) => (
          <li key={name}>
            <span>{name === "" ? "–" : name}</span>
            <meter min={0} max={largest} value={count} aria-label={name === "" ? "–" : name} />
            <span>{number(count)}</span>
          </li>
        ))}
      </ul>
      {found.warnings.length > 0 && (
        <ul class="notes" lang="en">
          {found.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
