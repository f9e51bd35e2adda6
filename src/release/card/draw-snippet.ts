import type { InputKind } from "../../model/index.ts";

const OPEN = `import json, math, numpy as np, onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession("generator.onnx")
about = json.loads(session.get_modelmeta().custom_metadata_map["description"])
n, rng = len(about["classes"]), np.random.default_rng(0)`;

const SAVE = `[images] = session.run(["images"], inputs)  # [n, channels, height, width] in [-1, 1]
for i, image in enumerate((images * 127.5 + 128).clip(0, 255).astype(np.uint8)):
    Image.fromarray(image.transpose(1, 2, 0).squeeze()).save(f"{i}.png")`;

/** What is between: an image of each class. */
const INPUTS: Readonly<Record<InputKind, string>> = {
  noise: `inputs = {"latent": rng.standard_normal((n, about["latent"]), np.float32), "classes": np.eye(n, dtype=np.float32)}
if "truncation" in about: inputs["psi"] = np.ones((n, 1), np.float32)  # below 1: more typical images`,
  maps: `size, side = about["resolution"], math.ceil(math.sqrt(n))
maps = np.zeros((n, 3, size, size), np.float32)
maps[:, 0] = 3 / 6  # skin tone III of VI everywhere, the condition in the middle
for c in range(n):
    maps[c, 1:, size // 4 : -size // 4, size // 4 : -size // 4] = [[[(1 + c % side) / side]], [[(1 + c // side) / side]]]
inputs = {"maps": maps} | ({"latent": rng.standard_normal((n, about["latent"]), np.float32)} if about["latent"] else {})`,
};

/**
 * A program in Python that draws an image of each class with the `generator.onnx` beside it, by ONNX Runtime, NumPy and Pillow
 * alone: `0.png` is of the first class.
 */
export const drawSnippet = (input: InputKind): string =>
  [input === "maps" ? OPEN : OPEN.replace("json, math,", "json,"), INPUTS[input], SAVE].join("\n");
