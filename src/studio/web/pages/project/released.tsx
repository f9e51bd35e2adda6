import { api } from "../../api-client.ts";
import { Facts } from "../../components/facts.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useResource } from "../../use-resource.ts";

/** A release: where it lies, how it is recognised, and how it leaves. */
export function Released({ id }: { readonly id: string }) {
  const { t, number, bytes } = useWords();
  const { value: facts, error } = useResource(id, () => api.release(id));
  if (error !== null || facts === null) return null;
  const rows: [string, string][] = [
    [t("released.folder"), facts.folder],
    [t("released.sums"), facts.sums],
    [t("released.size"), t("released.size.text", { files: number(facts.files), size: bytes(facts.bytes) })],
    [t("released.fingerprint"), facts.fingerprint],
  ];
  return (
    <div class="released">
      <Facts facts={rows} values="path" />
      <p class="hint">{t("released.fingerprint.text")}</p>
      <p class="links">
        <a class="button" href={api.urls.releaseZip(id)} download>
          {t("released.zip")}
        </a>
        {facts.isDicom ? (
          <a class="button" href={routeTo("project", "send")}>
            {t("command.send")}
          </a>
        ) : (
          <span class="hint">{t("released.pacs")}</span>
        )}
      </p>
    </div>
  );
}
