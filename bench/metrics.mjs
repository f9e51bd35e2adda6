// FID, KID and PRDC against SciPy and NumPy: equal values first, then time.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Rng } from "../dist/core/rng.js";
import { withChildren } from "./child.mjs";
import { interleave, row } from "./interleave.mjs";

/** Metrics with the greatest relative difference of values. */
const METRICS = { fid: 1e-5, kid: 1e-6, prdc: 1e-6 };
const [ROWS, COLUMNS] = [5000, 512];
const QUICK_ROWS = 600;

/** Two sets of features as networks give them: correlated, with a falling spectrum; the second one is moved a little. */
function writeFeatures(path, rows) {
  const factors = 64;
  const rng = new Rng("bench", "features");
  const mixing = Float64Array.from(
    { length: factors * COLUMNS },
    (_, i) => rng.normal() / (1 + Math.floor(i / COLUMNS)),
  );
  const both = new Float64Array(2 * rows * COLUMNS);
  const factor = new Float64Array(factors);
  for (let i = 0; i < 2 * rows; i++) {
    const moved = i >= rows;
    for (let f = 0; f < factors; f++) factor[f] = rng.normal() * (moved ? 0.95 : 1) + (moved ? 0.1 : 0);
    for (let c = 0; c < COLUMNS; c++) {
      let value = 0.5 + 0.05 * rng.normal();
      for (let f = 0; f < factors; f++) value += factor[f] * mixing[f * COLUMNS + c];
      both[i * COLUMNS + c] = Math.max(0, value);
    }
  }
  writeFileSync(path, new Uint8Array(both.buffer));
}

function assertEqual(metric, ours, peer) {
  for (const [name, value] of Object.entries(ours)) {
    const difference = Math.abs(value - peer[name]) / Math.abs(peer[name]);
    if (!(difference <= METRICS[metric])) {
      throw new Error(`${name} is ${value} here and ${peer[name]} with NumPy: differs by ${difference}, relative`);
    }
  }
}

export async function measureMetrics({ scratch, rounds, quick, say }) {
  const rows = quick ? QUICK_ROWS : ROWS;
  const path = join(scratch, "features.f64");
  writeFeatures(path, rows);
  return withChildren(["ours", "peer"], async (...children) => {
    for (const child of children) await child.ask({ do: "openMetrics", path, rows, columns: COLUMNS });
    const lines = [];
    for (const metric of Object.keys(METRICS)) {
      const found = [];
      for (const child of children) found.push((await child.ask({ do: "metric", metric })).values);
      assertEqual(metric, ...found);
      say(`${metric}: ${Object.entries(found[0]).map(([name, value]) => `${name} ${value}`)} on both sides`);
      const time = (child) => async () => (await child.ask({ do: "metric", metric })).seconds;
      const measured = await interleave(rounds, { ours: time(children[0]), peer: time(children[1]) });
      const title = `${metric.toUpperCase()} of 2 x ${rows} x ${COLUMNS}`;
      lines.push({
        ...row(title, "s", measured, { required: { least: 1 } }),
        values: { ours: found[0], peer: found[1] },
      });
    }
    return lines;
  });
}
