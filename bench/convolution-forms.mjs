// Times the ways to write convolutions and their gradients in ONNX at the shapes of the networks. Milliseconds of
// processor time on one thread, least of several interleaved runs: on a shared machine that is steadier than the clock.
// Usage: npm run build && node bench/convolution-forms.mjs
import { channelBlock } from "../dist/graph/channel-block.js";
import { OnnxBuilder } from "../dist/graph/onnx/builder.js";
import { openModel } from "../dist/graph/runtime.js";

const ROUNDS = 6;

const transpose = (b, x, perm = [1, 0, 2, 3]) => b.node("Transpose", [x], { perm });
const reshape = (b, x, shape) => b.node("Reshape", [x, b.integers(shape)]);
const product = (b, x, y) => b.node("com.microsoft.FusedMatMul", [x, y], { transB: 1 });
const concat = (b, parts, axis) => b.node("Concat", parts, { axis });
const sum = (b, x, axes) => b.node("ReduceSum", [x, b.integers(axes)], { keepdims: 0 });
const pad = (b, x, [y, z]) => b.node("Pad", [x, b.integers([0, 0, y, z, 0, 0, y, z])], { mode: "constant" });
const slice = (b, x, starts, sizes, axes) =>
  b.node("Slice", [x, b.integers(starts), b.integers(starts.map((s, i) => s + sizes[i])), b.integers(axes)]);
const nine = [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [y, x]));

/** One side unfolded into nine windows. `side` is x or dy; `over` is image or batch. */
function oneSided(b, x, dy, [n, c, f, h, w], side, over) {
  const batch = over === "batch";
  const lead = (t) => (batch ? transpose(b, t) : t);
  const [wide, flat, wideMaps, flatMaps] = side === "x" ? [x, dy, c, f] : [dy, x, f, c];
  const padded = pad(b, lead(wide), [1, 1]);
  const windows = nine.map(([y, z]) => slice(b, padded, side === "x" ? [y, z] : [2 - y, 2 - z], [h, w], [2, 3]));
  const shape = (maps) => (batch ? [maps, n * h * w] : [n, maps, h * w]);
  const columns = reshape(b, concat(b, windows, batch ? 0 : 1), shape(9 * wideMaps));
  const found = product(b, reshape(b, lead(flat), shape(flatMaps)), columns);
  const kernel = reshape(b, batch ? found : sum(b, found, [0]), [flatMaps, 3, 3, wideMaps]);
  return transpose(b, kernel, side === "x" ? [0, 3, 1, 2] : [3, 0, 1, 2]);
}

/** Both sides unfolded into three: x by columns, dy by rows. */
function shared(b, x, dy, [n, c, f, h, w], over) {
  const batch = over === "batch";
  const lead = (t) => (batch ? transpose(b, t) : t);
  const [wide, tall] = [pad(b, lead(x), [0, 1]), pad(b, lead(dy), [1, 0])];
  const across = [0, 1, 2].map((z) => slice(b, wide, [z], [w], [3]));
  const down = [0, 1, 2].map((y) => slice(b, tall, [2 - y], [h], [2]));
  const join = (parts, maps) =>
    reshape(b, concat(b, parts, batch ? 0 : 1), batch ? [maps, n * h * w] : [n, maps, h * w]);
  const found = product(b, join(down, 3 * f), join(across, 3 * c));
  return transpose(b, reshape(b, batch ? found : sum(b, found, [0]), [3, f, 3, c]), [1, 3, 0, 2]);
}

/** Nine windows by a depthwise convolution with one-hot kernels. */
function oneHot(b, x, dy, [n, c, f, h, w]) {
  const kernel = Float32Array.from({ length: 81 * c }, (_, i) => (i % 9 === Math.floor(i / 9) % 9 ? 1 : 0));
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: c };
  const columns = b.node("Conv", [x, b.constant(kernel, [9 * c, 1, 3, 3])], attributes);
  const found = product(b, reshape(b, dy, [n, f, h * w]), reshape(b, columns, [n, 9 * c, h * w]));
  return reshape(b, sum(b, found, [0]), [f, c, 3, 3]);
}

/** Nine windows by one Gather. */
function gather(b, x, dy, [n, c, f, h, w]) {
  const flat = reshape(b, pad(b, x, [1, 1]), [n, c, (h + 2) * (w + 2)]);
  const at = (tap, p) => (Math.floor(p / w) + nine[tap][0]) * (w + 2) + (p % w) + nine[tap][1];
  const indices = Array.from({ length: 9 * h * w }, (_, i) => at(Math.floor(i / (h * w)), i % (h * w)));
  const columns = reshape(b, b.node("Gather", [flat, b.integers(indices)], { axis: 2 }), [n, 9 * c, h * w]);
  return reshape(b, sum(b, product(b, reshape(b, dy, [n, f, h * w]), columns), [0]), [f, c, 3, 3]);
}

const weightGradient = {
  "x, image": (b, x, dy, s) => oneSided(b, x, dy, s, "x", "image"),
  "dy, image": (b, x, dy, s) => oneSided(b, x, dy, s, "dy", "image"),
  "x, batch": (b, x, dy, s) => oneSided(b, x, dy, s, "x", "batch"),
  "dy, batch": (b, x, dy, s) => oneSided(b, x, dy, s, "dy", "batch"),
  "shared, image": (b, x, dy, s) => shared(b, x, dy, s, "image"),
  "shared, batch": (b, x, dy, s) => shared(b, x, dy, s, "batch"),
  "dilated Conv": (b, x, dy, [, , , h, w]) =>
    transpose(b, b.node("Conv", [transpose(b, x), transpose(b, dy)], { kernel_shape: [h, w], pads: [1, 1, 1, 1] })),
  "one-hot Conv": oneHot,
  Gather: gather,
};

/** The kernel turned around with its channel axes swapped. */
function turned(b, kernel) {
  const before = b.integers([-(2 ** 31), -(2 ** 31)]);
  const back = b.integers([-1, -1]);
  return b.node("Slice", [transpose(b, kernel), back, before, b.integers([2, 3]), back]);
}
const around = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] };
const block = await channelBlock();

/** x [N,C,H,W] and kernel [F,C,3,3] => [N,F,H,W]; the gradient to the image is the same with C and F exchanged. */
const forward = {
  Conv: (b, x, kernel) => b.node("Conv", [x, kernel], around),
  ConvTranspose: (b, x, kernel) => b.node("ConvTranspose", [x, turned(b, kernel)], around),
  blocked: (b, x, kernel, [, c, f]) => {
    if (block === undefined || c % block !== 0 || f % block !== 0) return undefined;
    const split = reshape(b, kernel, [f / block, block, c / block, block, 3, 3]);
    const ordered = reshape(b, transpose(b, split, [0, 2, 4, 5, 3, 1]), [f, c, 3, 3]);
    const image = b.node("com.microsoft.nchwc.ReorderInput", [x]);
    const y = b.node("com.microsoft.nchwc.Conv", [image, ordered], around);
    return b.node("com.microsoft.nchwc.ReorderOutput", [y], { channels: f });
  },
};

const random = (shape) => {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 0.5) };
};

/** Races the forms on one shape; inputs by name; every form must find the numbers of the first. */
async function race(forms, shape, inputShapes, outputShape) {
  const feeds = Object.fromEntries(Object.entries(inputShapes).map(([name, s]) => [name, random(s)]));
  const runners = [];
  for (const [name, form] of Object.entries(forms)) {
    const b = new OnnxBuilder({ channelBlock: block });
    const inputs = Object.entries(inputShapes).map(([input, s]) => b.input(input, s));
    const value = form(b, ...inputs, shape);
    if (value === undefined) continue;
    // Sums keep the copy of a large output out of the measurement.
    b.output("y", outputShape, outputShape.length === 2 ? sum(b, value, [2, 3]) : value);
    runners.push({ name, model: await openModel(b.build("race")), times: [] });
  }
  let expected;
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, model, times } of runners) {
      const start = process.cpuUsage();
      const { data } = (await model.run(feeds)).y;
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times.push((user + system) / 1000);
      else {
        expected ??= Float32Array.from(data);
        const scale = expected.reduce((top, v) => Math.max(top, Math.abs(v)), 1);
        const wrong = data.findIndex((v, i) => !(Math.abs(v - expected[i]) <= 1e-3 * scale));
        if (wrong >= 0) throw new Error(`${name} gives ${data[wrong]} for ${expected[wrong]} at ${shape}`);
      }
    }
  }
  for (const { model } of runners) await model.close();
  return Object.fromEntries(runners.map(({ name, times }) => [name, Math.min(...times).toFixed(1)]));
}

const shapes = [
  [32, 32, 32, 32, 32],
  [32, 64, 64, 16, 16],
  [32, 32, 64, 16, 16],
  [32, 128, 128, 8, 8],
  [32, 128, 128, 4, 4],
  [32, 3, 32, 32, 32],
  [32, 32, 3, 32, 32],
  [32, 16, 64, 16, 16],
  [64, 64, 64, 16, 16],
  [16, 32, 32, 64, 64],
  [16, 64, 64, 32, 32],
];

function report(title, rows) {
  const names = [...new Set(rows.flatMap(([, times]) => Object.keys(times)))];
  console.log(`\n${title}\n\n| N x C -> F @ H x W | ${names.join(" | ")} |\n|${"---|".repeat(names.length + 1)}`);
  for (const [[n, c, f, h, w], times] of rows) {
    console.log(`| ${n} x ${c} -> ${f} @ ${h} x ${w} | ${names.map((name) => times[name] ?? "-").join(" | ")} |`);
  }
}

const weightRows = [];
const forwardRows = [];
for (const shape of shapes) {
  const [n, c, f, h, w] = shape;
  weightRows.push([shape, await race(weightGradient, shape, { x: [n, c, h, w], dy: [n, f, h, w] }, [f, c, 3, 3])]);
  forwardRows.push([shape, await race(forward, shape, { x: [n, c, h, w], kernel: [f, c, 3, 3] }, [n, f])]);
}
report("Gradient to a 3x3 kernel: the side that is unfolded, and what one matrix product covers", weightRows);
report("3x3 convolution, C -> F maps (and the gradient to the image, F -> C)", forwardRows);
