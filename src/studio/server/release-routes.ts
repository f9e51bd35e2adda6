import { type Context, Hono } from "hono";
import { sha256 } from "../../core/hash.ts";
import { statInside } from "../../core/inside-folder.ts";
import { listFiles } from "../../core/list-files.ts";
import type { FoundItem } from "../project/find-items.ts";
import type { OpenedProject } from "../project/open-project.ts";
import type { ReleaseFacts } from "../project-api.ts";
import { readOpened } from "./inside.ts";
import { notFound } from "./reply.ts";
import { zipFolder } from "./zip-folder.ts";

/** Sums of a release's files, whose own hash names the release. */
const SUMS = "SHA256SUMS";

/** Paths below `/api/project/releases`. */
export function releaseRoutes(project: OpenedProject | null): Hono {
  const routes = new Hono();
  const none = (c: Context) => notFound(c, "release of this id");
  const releaseOf = (c: Context): FoundItem | null => {
    const item = project?.item(c.req.param("id") ?? "");
    return item?.kind === "release" ? item : null;
  };

  routes.get("/:id", async (c) => {
    const item = releaseOf(c);
    const sums = item === null ? null : await readOpened(item.folder, SUMS);
    if (item === null || sums === null) return none(c);
    const names = await fileNames(item.folder);
    let bytes = 0;
    for (const name of names) bytes += Number((await statInside(item.folder, name))?.size ?? 0);
    const facts: ReleaseFacts = {
      folder: item.folder,
      files: names.length,
      bytes,
      images: Number(item.facts.images ?? 0),
      fingerprint: sha256(sums),
      sums: `${item.folder}/${SUMS}`,
      isDicom: names.some((name) => name.endsWith(".dcm")),
    };
    return c.json(facts);
  });

  routes.get("/:id/release.zip", async (c) => {
    const item = releaseOf(c);
    if (item === null) return none(c);
    const pieces = zipFolder(item.folder, await fileNames(item.folder), item.path.replaceAll("/", "-"));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await pieces.return(undefined);
      },
    });
    return c.body(body, 200, {
      "Content-Type": "application/zip",
      "Content-Disposition": 'attachment; filename="release.zip"',
    });
  });
  return routes;
}

/** Files of a release; no links, which none has. */
const fileNames = async (folder: string): Promise<string[]> =>
  (await listFiles(folder)).flatMap(({ name, kind }) => (kind === "file" ? [name] : []));
