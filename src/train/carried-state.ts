import { compile, type Device, type DeviceValue, input, type Numbers, type Program } from "../graph/index.ts";
import { type Architecture, stateNames, type TrainingState } from "../model/index.ts";

/** Name of a step's output that follows a vector of the state. */
export const nextName = (name: string): string => `next.${name}`;

/** Outputs of a step that stay in the memory of a device. */
export const residentOutputs = (device: Device, a: Architecture): string[] =>
  device === "webgpu" ? stateNames(a).map(nextName) : [];

/** The state of a training from step to step, where the device computes. Close it. */
export interface CarriedState {
  /**
   * Runs a step: its inputs `NAME` are the state, its outputs `next.NAME` become the state where `accepts` says so.
   * @returns The step's other outputs.
   */
  advance(
    step: Program,
    feeds: Readonly<Record<string, Float32Array>>,
    accepts?: (outputs: Readonly<Record<string, Numbers>>) => boolean,
  ): Promise<Record<string, Numbers>>;
  /** The state in arrays that the next step may overwrite. */
  read(): Promise<TrainingState>;
  close(): Promise<void>;
}

/**
 * Begins to carry a state, whose arrays it takes over: steps write into them.
 * @throws GanglionError `graph` when the device is not there
 */
export async function carryState(state: TrainingState, device: Device): Promise<CarriedState> {
  return device === "webgpu" ? openDeviceState(state) : new HostState(state);
}

const namesOf = (state: TrainingState): string[] => Object.keys(state);

const namedAs = (values: TrainingState): Record<string, Float32Array> =>
  Object.fromEntries(namesOf(values).map((name) => [nextName(name), values[name]!]));

/** Two sets of arrays: a step reads one and writes the other. */
class HostState implements CarriedState {
  #state: TrainingState;
  #spare: TrainingState;

  constructor(state: TrainingState) {
    this.#state = { ...state };
    const spare = namesOf(state).map((name) => [name, new Float32Array(state[name]!.length)]);
    this.#spare = Object.fromEntries(spare) as TrainingState;
  }

  async advance(
    step: Program,
    feeds: Readonly<Record<string, Float32Array>>,
    accepts: (outputs: Readonly<Record<string, Numbers>>) => boolean = () => true,
  ): Promise<Record<string, Numbers>> {
    const outputs = await step.run({ ...this.#state, ...feeds }, namedAs(this.#spare));
    if (accepts(outputs)) [this.#state, this.#spare] = [this.#spare, this.#state];
    return outputs;
  }

  async read(): Promise<TrainingState> {
    return this.#state;
  }

  async close(): Promise<void> {}
}

/** The state stays in device memory; only {@link CarriedState.read} brings it back. */
async function openDeviceState(first: TrainingState): Promise<CarriedState> {
  // The runtime's handles cannot be read from here, but a program can copy what they name.
  const names = namesOf(first);
  const copies = names.map((name) => [nextName(name), input(name, [first[name]!.length])] as const);
  const reader = await compile(Object.fromEntries(copies), { device: "webgpu" });
  let state: Record<string, Float32Array | DeviceValue> = { ...first };
  const release = (values: Readonly<Record<string, Float32Array | DeviceValue>>) => {
    for (const value of Object.values(values)) if ("release" in value) value.release();
  };
  return {
    async advance(step, feeds, accepts = () => true) {
      const { host, device } = await step.runResident({ ...state, ...feeds });
      const accepted = accepts(host);
      const next = Object.fromEntries(names.map((name) => [name, device[nextName(name)]!]));
      release(accepted ? state : next);
      if (accepted) state = next;
      return host;
    },
    async read() {
      const { host } = await reader.runResident(state);
      return Object.fromEntries(names.map((name) => [name, host[nextName(name)]])) as TrainingState;
    },
    async close() {
      release(state);
      await reader.close();
    },
  };
}
