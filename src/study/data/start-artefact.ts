import { basename, join } from "node:path";
import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { readBytes, readJson, writeFileAtomic, writeJson } from "../../core/files.ts";
import { sha256 } from "../../core/hash.ts";
import { modelFamily, networkLayouts, originSchema, PRESETS } from "../../model/index.ts";
import { type Start, weightsHash } from "../../train/index.ts";

const INDEX = "start.json";
const weightsFile = (name: string): string => `${name}.f32`;

const indexSchema = z.object({
  path: z.string(),
  architecture: z.looseObject({ model: z.string() }),
  classNames: z.array(z.string()),
  preset: z.enum(PRESETS),
  networks: z.looseObject({}),
  discriminator: z.boolean(),
  origins: z.array(originSchema).min(1),
});

/** SHA-256 of all that a training takes from a start, so that equal ones are taken once; lower-case hex. */
export function startHash({ path: _, networks, generator, average, discriminator, ...said }: Start): string {
  const weights = [generator, average, ...(discriminator === null ? [] : [discriminator])].map(weightsHash);
  return sha256(JSON.stringify([said, portable(networks), weights]));
}

/** Networks without where a frozen network lay on the machine that trained them: its hash is what counts. */
function portable(networks: object): object {
  const { frozen, ...others } = networks as { readonly frozen?: { readonly file: string } };
  return frozen === undefined ? others : { ...others, frozen: { ...frozen, file: "" } };
}

/** @throws GanglionError `files` */
export async function writeStartArtefact(folder: string, start: Start): Promise<void> {
  const { generator, average, discriminator, networks, path, ...said } = start;
  for (const [name, weights] of Object.entries({ generator, average, discriminator })) {
    if (weights === null) continue;
    const { buffer, byteOffset, byteLength } = weights;
    await writeFileAtomic(join(folder, weightsFile(name)), new Uint8Array(buffer, byteOffset, byteLength));
  }
  await writeJson(join(folder, INDEX), {
    ...said,
    // Where it lay is nobody's business.
    path: basename(path),
    networks: portable(networks),
    discriminator: discriminator !== null,
  });
}

/** @throws GanglionError `files` */
export async function readStartArtefact(folder: string): Promise<Start> {
  const path = join(folder, INDEX);
  const parsed = indexSchema.safeParse(await readJson(path));
  const other = () =>
    new GanglionError("files", `${path} is no start of this version; remove the artefact to make it again`);
  if (!parsed.success) throw other();
  const { architecture, discriminator, ...said } = parsed.data;
  const shapes = modelFamily(architecture.model, path, "files").architectureSchema.safeParse(architecture);
  if (!shapes.success) throw other();
  const layouts = networkLayouts(shapes.data);
  const weights = async (name: "generator" | "average" | "discriminator") => {
    const bytes = await readBytes(join(folder, weightsFile(name)));
    if (bytes.length !== 4 * layouts[name === "average" ? "generator" : name].length) throw other();
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  return {
    ...said,
    architecture: shapes.data,
    generator: await weights("generator"),
    average: await weights("average"),
    discriminator: discriminator ? await weights("discriminator") : null,
  };
}
