import type { Outcome } from "../../../api.ts";
import { Command } from "../../components/command.tsx";
import { formatNumber } from "../../format.ts";
import { useWords } from "../../texts/texts.ts";

/** FID beside that of other real images, which alone gives it a meaning. */
function distanceWords({ value, floor, n, features }: NonNullable<Outcome["distance"]>): string {
  const times = floor > 0 ? `: ${formatNumber(value / floor)} times as far as other real images` : "";
  return `FID ${formatNumber(value)}, other real images ${formatNumber(floor)}${times} (${features}, ${n} images per side)`;
}

/** What a training came to: the verdict's sentence, the distance, whether it still improves, and what to do next. */
export function OutcomeCard({ outcome }: { readonly outcome: Outcome }) {
  const { t } = useWords();
  const { verdict, distance, coverage, classAgreement, trend, next } = outcome;
  return (
    <section class={`card outcome ${verdict.grade}`} aria-label={t("run.outcome")} lang="en">
      <h2>{verdict.sentence}.</h2>
      <ul>
        {distance !== null && <li>Distance: {distanceWords(distance)}.</li>}
        {coverage !== undefined && <li>{coverage.sentence}.</li>}
        {classAgreement !== undefined && <li>{classAgreement.sentence}.</li>}
        <li>{trend.sentence}.</li>
        <li>{next.reason}.</li>
      </ul>
      <Command line={next.command} />
      <details>
        <summary>{t("run.why")}</summary>
        <ul>
          {verdict.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}
