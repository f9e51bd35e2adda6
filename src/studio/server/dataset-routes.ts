import { Hono } from "hono";
import { z } from "zod";
import { mapLimited } from "../../data/parallel.ts";
import type { DatasetSummary, ImagePage } from "../api.ts";
import { estimateTones } from "./estimate-tones.ts";
import { datasetImage, filteredIndices } from "./opened-dataset.ts";
import { datasetPicture, PICTURE_SIZES } from "./picture.ts";
import { PictureCache } from "./picture-cache.ts";
import { notFound } from "./reply.ts";
import { checked, queryOf, wholeNumber } from "./request-values.ts";
import type { OpenedWorkspace } from "./workspace.ts";

/** Bytes of pictures that are kept in memory. */
const CACHE_BYTES = 64 * 2 ** 20;
/** Images of one page of a dataset. */
const PAGE = { usual: 100, most: 500 } as const;

const listQuery = z.object({
  class: z.string().optional(),
  split: z.string().optional(),
  tone: wholeNumber(1, 6).optional(),
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: wholeNumber(1, PAGE.most).default(PAGE.usual),
});
const pictureQuery = z.object({
  size: wholeNumber(PICTURE_SIZES.least, PICTURE_SIZES.most).default(PICTURE_SIZES.usual),
});

/** Paths below `/api/datasets`. */
export function datasetRoutes(workspace: OpenedWorkspace): Hono {
  const routes = new Hono();
  const cache = new PictureCache(CACHE_BYTES);

  routes.get("/:id/images", async (c) => {
    const opened = workspace.dataset(c.req.param("id"));
    if (opened === undefined) return notFound(c, "dataset of this id");
    const query = checked(listQuery, queryOf(c), "the images cannot be listed like this");
    const filter = { label: query.class ?? null, split: query.split ?? null, tone: query.tone ?? null };
    const found = filteredIndices(opened, filter);
    const wanted = found.slice(query.offset, query.offset + query.limit);
    const images = await mapLimited(wanted, 8, (index) => datasetImage(opened, index));
    return c.json({ total: found.length, images } satisfies ImagePage);
  });

  routes.post("/:id/tones", async (c) => {
    const opened = workspace.dataset(c.req.param("id"));
    if (opened === undefined) return notFound(c, "dataset of this id");
    return c.json((await estimateTones(opened)) satisfies DatasetSummary);
  });

  routes.get("/:id/images/:file", async (c) => {
    const opened = workspace.dataset(c.req.param("id"));
    const [, digits, mask] = /^(\d{1,9})(-mask)?\.png$/.exec(c.req.param("file")) ?? [];
    const index = Number(digits);
    if (opened?.dataset.samples[index] === undefined) return notFound(c, "image of this number");
    const { size } = checked(pictureQuery, queryOf(c), "the image cannot be sent like this");
    const what = mask === undefined ? "image" : "mask";
    let found = true;
    const png = await cache.get(`${opened.id}/${index}/${what}/${size}`, async () => {
      const picture = await datasetPicture(opened, index, what, size);
      found = picture !== null;
      return picture ?? new Uint8Array();
    });
    if (!found || png.length === 0) return notFound(c, `${what} of this number, or it is a link`);
    return c.body(new Uint8Array(png), 200, { "Content-Type": "image/png" });
  });
  return routes;
}
