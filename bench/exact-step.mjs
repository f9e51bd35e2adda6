// How far each side's float32 step is from the same step in float64, by the interpreter of the graph: tells which side is off where
// `npm run bench` says that they differ. Usage: node bench/exact-step.mjs [tiny|small] (tiny takes minutes)
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_NAMES } from "../dist/model/index.js";
import { changesOf } from "./agree.mjs";
import { writeCase } from "./case.mjs";
import { PYTHONS, withChildren } from "./child.mjs";

const preset = process.argv[2] ?? "tiny";
const FORM = { passes: "joined", memory: "contiguous" };
const folder = mkdtempSync(join(tmpdir(), "ganglion-exact-"));
try {
  writeCase(folder, preset);
  const { layouts } = JSON.parse(readFileSync(join(folder, "case.json"), "utf8"));
  for (const withPenalty of [false, true]) {
    await withChildren(["ours"], async (ours) => {
      await ours.ask({ do: "open", folder });
      await ours.ask({ do: "check", withPenalty, prefix: "exact", exact: true });
      await ours.ask({ do: "check", withPenalty, prefix: "ours" });
    });
    const sides = ["ours"];
    for (const [i, python] of PYTHONS.entries()) {
      await withChildren([python], async (peer) => {
        await peer.ask({ do: "open", folder });
        const { torch } = await peer.ask({ do: "describe" });
        await peer.ask({ do: "check", withPenalty, prefix: `peer${i}`, form: FORM });
        console.error(`peer${i}: PyTorch ${torch} of ${python}`);
      });
      sides.push(`peer${i}`);
    }
    for (const side of sides) {
      const found = STATE_NAMES.flatMap((state) => changesOf(folder, layouts, state, "exact", side));
      found.sort((a, b) => b.difference - a.difference);
      console.log(`${preset}${withPenalty ? " with penalty" : ""}, ${side} against float64, the farthest tensors:`);
      for (const { name, difference } of found.slice(0, 6)) console.log(`  ${difference.toExponential(1)}  ${name}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
