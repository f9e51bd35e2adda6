// Runs in a page: does training steps one after another and posts the outputs of the last.

/** Whether the browser computes on WebGPU. */
globalThis.offersWebGpu = async () => (await navigator.gpu?.requestAdapter()) != null;

/**
 * @param request `provider` wasm or webgpu, `threads`, `shapes` of the inputs by name, names of the `state`, `steps`
 * @returns seconds of each step, where the next state lay, and whether the page had threads over shared memory
 */
globalThis.runSteps = async ({ provider, threads, shapes, state, steps }) => {
  const ort = await import(`/${provider === "wasm" ? "ort.wasm" : "ort.webgpu"}.min.mjs`);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = "/";
  const model = new Uint8Array(await (await fetch("/step.onnx")).arrayBuffer());
  const resident = Object.fromEntries(state.map((name) => [`next.${name}`, "gpu-buffer"]));
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    ...(provider === "webgpu" ? { preferredOutputLocation: resident } : {}),
  });
  const feeds = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const data = new Float32Array(await (await fetch(`/input/${name}`)).arrayBuffer());
    feeds[name] = new ort.Tensor("float32", data, shape);
  }
  const [seconds, locations] = [[], []];
  let outputs = {};
  for (let step = 0; step < steps; step++) {
    const started = performance.now();
    outputs = await session.run(feeds);
    await outputs.lossG.getData();
    seconds.push((performance.now() - started) / 1000);
    for (const name of state) feeds[name] = outputs[`next.${name}`];
    locations.push(outputs["next.generator"].location);
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    await fetch(`/output/${name}`, { method: "POST", body: await tensor.getData() });
  }
  return { seconds, locations, sharesMemory: globalThis.crossOriginIsolated };
};
