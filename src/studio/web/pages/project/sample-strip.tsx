import { useEffect, useState } from "preact/hooks";
import type { RunProgress } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { useWords } from "../../texts/texts.ts";

/** How often new grids are asked for, in milliseconds. */
const LOOK = 4000;

/** Name of the newest grid of a training; null before there is one. */
function useNewestGrid(run: string): string | null {
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const look = async () => {
      const response = await fetch(api.urls.progress(run)).catch(() => null);
      const samples = response?.ok ? ((await response.json()) as RunProgress).samples : [];
      if (current) setName(samples.findLast((sample) => /^\d+$/.test(sample)) ?? null);
    };
    void look();
    const timer = setInterval(look, LOOK);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [run]);
  return name;
}

/** The newest grid of a training; nothing before there is one. */
export function SampleStrip({ run }: { readonly run: string }) {
  const { t } = useWords();
  const name = useNewestGrid(run);
  return name === null ? null : (
    <img class="sample-strip" src={api.urls.sample(run, name)} alt={t("step.images.text")} />
  );
}

/** The same as a decoration of a card. */
export function RunPicture({ run }: { readonly run: string }) {
  const name = useNewestGrid(run);
  return name === null ? null : <img class="card-picture corner" src={api.urls.sample(run, name)} alt="" />;
}
