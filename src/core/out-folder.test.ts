import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { refuseOutInside } from "./out-folder.ts";
import { failure, temporaryFolder } from "./testing/fixtures.ts";

const folder = await temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
await mkdir(at("set", "images"), { recursive: true });
await mkdir(at("other"));
await symlink(at("set"), at("link"));
await symlink(at("set", "images"), at("other", "deep"));
await writeFile(at("set.npz"), "");

test.each([
  ["the folder itself", "set"],
  ["with a slash", "set/"],
  ["inside", "set/out"],
  ["deep inside, not there yet", "set/a/b/c"],
  ["through a link", "link/out"],
  ["through a link to a part of it", "other/deep/out"],
  ["by a way round", "other/../set/images/out"],
])("refuses %s", async (_, out) => {
  for (const path of [at(out), relative(process.cwd(), at(out))]) {
    const error = await failure(refuseOutInside(path, { DATASET: at("set"), "--run": undefined }));
    expect(error).toMatchObject({ code: "usage", exitCode: 2 });
    expect(error.message).toBe(
      `${path} must not be DATASET ${at("set")} or inside it, because that is read; name a folder outside it for the output`,
    );
  }
  expect((await failure(refuseOutInside(at(out), { SETS: [at("other"), at("link")] }))).message).toContain("SETS");
});

test("a folder is known by what it is, not by its name: as where letter case makes no difference", async () => {
  await mkdir(at("Case", "real"), { recursive: true });
  // The same folder under another name while both are looked at.
  await symlink(at("Case", "real"), at("case"));
  expect((await failure(refuseOutInside(at("case", "out"), { "--real": at("Case", "real") }))).code).toBe("usage");
});

test("beside it, around it, from a file or from what is not there, the output is free", async () => {
  const inputs = { DATASET: at("set"), FILE: at("set.npz"), GONE: at("gone"), NONE: undefined, MANY: [at("link")] };
  for (const out of ["out", "set-out", "other/out", ".", "gone/out", "set.npz.out"]) {
    await refuseOutInside(at(out), inputs);
  }
  await rename(at("set"), at("moved"));
  await refuseOutInside(at("set", "out"), inputs);
});
