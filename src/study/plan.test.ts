import { describe, expect, test } from "vitest";
import { expandArms, questionsOf, syntheticCounts } from "./arms.ts";
import { parseStudyConfig, type StudyConfig } from "./config.ts";
import type { Job } from "./jobs/job.ts";
import { planStudy, type StudyFacts } from "./plan.ts";
import { studyConfig } from "./testing/config.ts";

const parse = (changes: object = {}): StudyConfig => parseStudyConfig({ ...studyConfig(), ...changes }, "study.json");
const facts: StudyFacts = {
  classes: ["a", "b"],
  channels: 3,
  real: "real",
  shares: [
    { share: 1, hash: "whole", counts: [100, 20], regions: { box: [100, 20], mask: [100, 20] } },
    { share: 0.5, hash: "half", counts: [50, 10], regions: { box: [50, 10], mask: [50, 10] } },
    { share: 0.25, hash: "quarter", counts: [25, 5], regions: { box: [25, 5], mask: [25, 5] } },
  ],
  testSets: { "held-out": "test" },
  maps: "maps",
  starts: {},
  frozen: {},
  runs: {},
  extractor: null,
};
const reduced = { reduced: { generators: ["gan"], shares: [0.5, 0.25] } };
const ofKind = (jobs: ReadonlyMap<string, Job>, kind: string) => [...jobs.values()].filter((job) => job.kind === kind);

describe("arms", () => {
  test("bring their controls with them, which stand before them", () => {
    const arms = expandArms(parse({ arms: { ...studyConfig().arms, ...reduced, strongAugmentation: true } }));
    expect(questionsOf(arms).map(({ arm, controls }) => `${arm} | ${controls.join(", ")}`)).toEqual([
      "strong augmentation | real",
      "real x1.5 | real",
      "real + 0.5 gan random | real, real x1.5",
      "oversampled | real",
      "balanced by gan random | real, oversampled",
      "1/2 alone | real",
      "1/2 x2 | 1/2 alone",
      "1/2 filled by gan random | 1/2 alone, 1/2 x2",
      "1/4 alone | real",
      "1/4 x2 | 1/4 alone",
      "1/4 x4 | 1/4 alone",
      "1/4 filled by gan random | 1/4 alone, 1/4 x4",
    ]);
    arms.forEach(({ controls }, i) => {
      for (const control of controls) expect(arms.slice(0, i).map(({ name }) => name)).toContain(control);
    });
  });

  test("are every generator by every sampler, ratio and policy, each once", () => {
    const block = {
      generators: ["gan"],
      samplers: ["random", "best", "best:4"],
      ratios: [1, 2],
      classes: ["as is", "minority"],
      only: true,
    };
    const names = expandArms(parse({ arms: { duplicated: false, synthetic: [block] } })).map(({ name }) => name);
    // `best` is `best:4`: two samplers, two ratios, two policies, one arm without real images for each sampler, and real.
    expect(names).toHaveLength(2 * 2 * 2 + 2 + 1);
    expect(names).toContain("real + 2 gan best:4 minority");
    expect(names).toContain("only gan random");
  });

  test("with relabel ask the classifier of the real images of the arm, which a study of networks trains anyway", () => {
    const block = { generators: ["gan"], samplers: ["random", "relabel"], only: true };
    const half = { generators: ["gan"], samplers: ["relabel"], shares: [0.5] };
    const arms = { duplicated: false, synthetic: [block], reduced: half };
    const plan = planStudy(parse({ arms, seeds: [0, 1] }), facts);
    const samples = ofKind(plan.jobs, "sample").map(({ parameters, inputs }) => ({
      ...(parameters as { sampler: string; share: number; seed: number }),
      labeller: inputs.labeller,
    }));
    expect(samples).toHaveLength(6);
    for (const { sampler, share, seed, labeller } of samples) {
      const arm = share === 1 ? "real" : "1/2 alone";
      const score = plan.trials.find((trial) => trial.arm === arm && trial.seed === seed)!;
      const own = plan.jobs.get(score.job)!.inputs.classifier;
      expect([sampler, share, labeller]).toEqual([sampler, share, sampler === "relabel" ? own : undefined]);
    }
    const probe = { classifier: { kind: "probe", features: "onnx:x.onnx" }, arms: { synthetic: [block] } };
    const probed = planStudy(parse(probe), { ...facts, extractor: "x" });
    const asked = ofKind(probed.jobs, "sample").flatMap(({ inputs }) => inputs.labeller ?? []);
    expect(asked).not.toEqual([]);
    for (const id of asked) expect(probed.jobs.get(id)!.parameters).toMatchObject({ kind: "network", epochs: 30 });
  });

  test("without real images have each class, or are refused", () => {
    const few = { generators: ["gan"], only: [0.01] };
    const plan = () => planStudy(parse({ arms: { synthetic: [few] } }), facts);
    expect(plan).toThrow(/only 0.01 gan random.*comes to no image of b; use a larger number in only/);
  });

  test("may be of synthetic images alone, of several amounts", () => {
    const block = { generators: ["gan"], only: [1, 4] };
    const arms = expandArms(parse({ arms: { synthetic: [block] } }));
    expect(arms.map(({ name }) => name)).toEqual(["real", "only gan random", "real x4", "only 4 gan random"]);
    expect(arms[3]!.controls).toEqual(["real", "real x4"]);
    expect(syntheticCounts(arms[3]!.synthetic!.amount, [3, 10], [3, 10])).toEqual([12, 40]);
  });

  test("of the preset bissoto are counted by hand", () => {
    const { format, data, testSets } = studyConfig();
    const arms = expandArms(parseStudyConfig({ format, preset: "bissoto", data, testSets }, "study.json"));
    // Real; 4 duplicates; two generators with 4 samplers and two with one, by 4 ratios, and alone; 4 shares alone, doubled, and
    // filled by each; repeated for 3 of them.
    const drawn = 2 * 4 + 2;
    expect(arms).toHaveLength(1 + 4 + 4 * drawn + drawn + (2 + 4) * 4 + 3);
    const ratioOf = (name: string) =>
      arms.filter((arm) => arm.name.startsWith("real + 0.5 ") && arm.name.includes(name));
    expect(["stylegan2", "pggan", "spade", "pix2pixhd"].map((name) => ratioOf(name).length)).toEqual([4, 4, 1, 1]);
    const amounts = ["stylegan2", "pggan", "spade", "pix2pixhd"].map((name) => ratioOf(name)[0]!.synthetic!.amount);
    expect(new Set(amounts.map((amount) => `${syntheticCounts(amount, [90, 10], [90, 10])}`))).toEqual(
      new Set(["45,5"]),
    );
  });
});

test("maps are packed once for each kind that a generator fills, and none for those from noise", () => {
  const generators = {
    gan: { from: "train" },
    boxes: { from: "train", model: "dermgan" },
    shapes: { from: "train", model: "spade", mapKind: "mask" },
    translated: { from: "train", model: "pix2pixhd", mapKind: "mask" },
  };
  const arms = { synthetic: [{ generators: Object.keys(generators), ratios: [1, 2] }] };
  const { jobs } = planStudy(parse({ generators, arms }), facts);
  const packed = ofKind(jobs, "pack-maps");
  expect(packed.map(({ parameters }) => (parameters as { kind: string }).kind).sort()).toEqual(["box", "mask"]);
  const drawn = ofKind(jobs, "train-generator").map(({ title, inputs }) => {
    const kind = packed.find(({ id }) => id === inputs.maps)?.parameters as { kind: string } | undefined;
    return `${title}: ${kind?.kind}`;
  });
  expect(drawn.sort()).toEqual([
    "train generator boxes: box",
    "train generator gan: undefined",
    "train generator shapes: mask",
    "train generator translated: mask",
  ]);
});

describe("generators that fill maps", () => {
  const generators = { shapes: { from: "train", model: "spade", mapKind: "mask" } };
  const arms = { synthetic: [{ generators: ["shapes"], ratios: [1] }] };

  test("are trained anew where masks, boxes or tones were corrected", () => {
    const ids = (maps: string) =>
      ["pack-maps", "train-generator"].map(
        (kind) => ofKind(planStudy(parse({ generators, arms }), { ...facts, maps }).jobs, kind)[0]!.id,
      );
    const [packed, trained] = ids("maps");
    expect(ids("maps")).toEqual([packed, trained]);
    expect(ids("corrected")).not.toContain(packed);
    expect(ids("corrected")).not.toContain(trained);
  });

  test("fill maps where they are taken from a run too", () => {
    const run = { generator: "weights", judge: null, data: "whole", classes: ["a", "b"], counts: [100, 20] };
    const config = parse({ generators: { shapes: { from: "run", run: "runs/spade" } }, arms });
    const jobs = (mapKind: "mask" | null) =>
      planStudy(config, { ...facts, runs: { shapes: { ...run, mapKind } } }).jobs;
    const [packed] = ofKind(jobs("mask"), "pack-maps");
    for (const { inputs } of ofKind(jobs("mask"), "sample")) expect(inputs.maps).toBe(packed!.id);
    expect(ofKind(jobs(null), "pack-maps")).toEqual([]);
  });

  test("are refused before anything runs where no image of a class has what their maps show", () => {
    const [whole, ...rest] = facts.shares;
    const boxed = { ...whole!, regions: { box: [100, 20], mask: [100, 0] } };
    const plan = (kind: string) => () =>
      planStudy(parse({ generators: { shapes: { ...generators.shapes, mapKind: kind } }, arms }), {
        ...facts,
        shares: [boxed, ...rest],
      });
    expect(plan("mask")).toThrow(
      "arm real + 1 shapes random: no real image of b to learn from has a mask, and shapes fills the maps of real images",
    );
    expect(plan("box")).not.toThrow();
  });
});

describe("generators that begin from a start", () => {
  const generators = { gan: { from: "train", start: "run", frozen: "onnx:net.onnx" } };
  const begun = (start: string, frozen: string, data: readonly string[] = []) => ({
    ...facts,
    starts: { gan: { hash: start, data } },
    frozen: { gan: frozen },
  });
  const trained = (known: StudyFacts, more: object = {}) =>
    ofKind(
      planStudy(parse({ generators: { gan: { ...generators.gan, ...more } } }), known).jobs,
      "train-generator",
    )[0]!;

  test("are trained anew for another start, other classes of it or another frozen network, and by the size that follows", () => {
    const ids = [
      trained(begun("a", "net")),
      trained(begun("b", "net")),
      trained(begun("a", "other")),
      trained(begun("a", "net"), { startClasses: { a: "b" } }),
      trained(begun("a", "net"), { start: null }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(trained(begun("a", "net")).id).toBe(ids[0]);
    const size = (more: object) => (trained(begun("a", "net"), more).parameters as { preset: unknown }).preset;
    // 64 pixels: who names the usual size and who names none train the same.
    expect([size({}), size({ start: null }), size({ start: null, preset: "small" })]).toEqual([null, "small", "small"]);
  });

  test("are refused where the start learned from images that a reduced arm lacks", () => {
    const arms = { ...studyConfig().arms, ...reduced };
    const plan = (data: readonly string[]) => () => planStudy(parse({ generators, arms }), begun("a", "net", data));
    expect(plan(["whole"])).toThrow(
      "arm 1/2 filled by gan random: the start of the generator gan learned from all the real images, and the arm has fewer",
    );
    expect(plan(["half"])).toThrow(/arm 1\/4 filled by gan random: .* learned from 0\.5 of the patients/);
    expect(plan(["elsewhere"])).not.toThrow();
  });
});

describe("synthetic images of each class", () => {
  const ratio = (value: number, classes: "as is" | "balanced" | "minority") =>
    syntheticCounts({ kind: "ratio", ratio: value, classes }, [60, 30, 10], [60, 30, 10]);
  test("as is: the ratio of each", () => expect(ratio(0.5, "as is")).toEqual([30, 15, 5]));
  test("balanced: the total goes where fewest images are", () => {
    expect(ratio(0.5, "balanced")).toEqual([0, 15, 35]);
    expect(ratio(2, "balanced")).toEqual([40, 70, 90]);
  });
  test("minority: not to the largest class, whatever the total", () => {
    expect(ratio(2, "minority")).toEqual([0, 90, 110]);
  });
  test("balance and fill", () => {
    expect(syntheticCounts({ kind: "balance" }, [60, 30, 10], [60, 30, 10])).toEqual([0, 30, 50]);
    expect(syntheticCounts({ kind: "fill" }, [15, 8, 2], [60, 30, 10])).toEqual([45, 22, 8]);
  });
});

describe("a plan", () => {
  test("trains each generator once, draws for each seed, and scores every arm", () => {
    const { jobs, trials, arms } = planStudy(parse({ arms: { ...studyConfig().arms, ...reduced } }), facts);
    expect(ofKind(jobs, "pack-images")).toHaveLength(2);
    expect(ofKind(jobs, "train-generator").map(({ parameters }) => (parameters as { share: number }).share)).toEqual([
      1, 0.5, 0.25,
    ]);
    // Ratio, balance and two fills, for three seeds.
    expect(ofKind(jobs, "sample")).toHaveLength(4 * 3);
    expect(ofKind(jobs, "train-classifier")).toHaveLength(arms.length * 3);
    expect(ofKind(jobs, "score")).toHaveLength(arms.length * 3);
    expect(trials).toHaveLength(arms.length * 3);
    for (const { job } of trials) expect(jobs.get(job)?.kind).toBe("score");
    const drawn = ofKind(jobs, "sample").find(({ title }) => title === "draw for balanced by gan random, seed 1");
    expect(drawn?.parameters).toEqual({
      sampler: "random",
      counts: { a: 0, b: 80 },
      labels: null,
      share: 1,
      seed: 1,
    });
  });

  test("trains a generator for each seed where that is asked for", () => {
    const { jobs } = planStudy(parse({ generators: { gan: { from: "train", perSeed: true } } }), facts);
    expect(ofKind(jobs, "train-generator")).toHaveLength(3);
  });

  test("is the same wherever files lie, and changes with contents and settings, no more than it must", () => {
    const ids = (config: StudyConfig, of = facts) => new Set(planStudy(config, of).jobs.keys());
    const first = ids(parse());
    expect(ids(parse({ data: { dataset: "/elsewhere/skin" }, alpha: 0.01, resamples: 500 }))).toEqual(first);
    const kept = (changed: Set<string>) => [...changed].filter((id) => first.has(id)).length;
    const [whole, ...parts] = facts.shares;
    expect(kept(ids(parse(), { ...facts, real: "other" }))).toBe(1);
    // What a run would call the images has no part in it.
    expect(kept(ids(parse(), { ...facts, shares: [{ ...whole!, hash: "other" }, ...parts] }))).toBe(first.size);
    expect(kept(ids(parse({ data: { dataset: "skin", resolution: 32 } })))).toBe(0);
    // Another generator: the arms without synthetic images stay, real, x1.5 and oversampled, as do both packs.
    expect(kept(ids(parse({ generators: { gan: { from: "train", images: 50_000 } } })))).toBe(2 + 3 * 3 * 2);
    expect(kept(ids(parse({ seeds: [0, 1, 2, 3] })))).toBe(first.size);
    expect(kept(ids(parse({ generators: { gan: { from: "train", set: { gamma: 1 } } } })))).toBe(2 + 3 * 3 * 2);
  });

  test("of a probe reads features in place of images", () => {
    const { jobs } = planStudy(parse({ classifier: { kind: "probe", features: "onnx:net.onnx" } }), {
      ...facts,
      extractor: "weights",
    });
    // Real images, the test set, two arms of synthetic images for three seeds.
    expect(ofKind(jobs, "extract-features")).toHaveLength(2 + 2 * 3);
    for (const job of ofKind(jobs, "train-classifier")) {
      for (const id of Object.values(job.inputs)) expect(jobs.get(id)?.kind).toBe("extract-features");
    }
  });
});

describe("a generator of a run", () => {
  const generators = { gan: { from: "run", run: "runs/gan" } };
  const withRun = (data: string) => ({
    ...facts,
    runs: { gan: { generator: "weights", judge: null, data, classes: ["a", "b"], counts: [100, 20], mapKind: null } },
  });

  test("serves arms whose real images it was trained on", () => {
    const { jobs } = planStudy(parse({ generators }), withRun("whole"));
    expect(ofKind(jobs, "take-generator")).toHaveLength(1);
    const quarter = { reduced: { generators: ["gan"], shares: [0.25] } };
    expect(() => planStudy(parse({ generators, arms: quarter }), withRun("quarter"))).not.toThrow();
  });

  test("that has seen images outside of an arm is refused, for all such arms at once", () => {
    const arms = { ...studyConfig().arms, ...reduced };
    const plan = () => planStudy(parse({ generators, arms }), withRun("whole"));
    expect(plan).toThrow(/2 problems/);
    expect(plan).toThrow(
      'arm 1/4 filled by gan random: the generator gan was trained on other images (whole) than the real ones of this arm (quarter); let the study train it ("from": "train") or remove it from the arm',
    );
    expect(() => planStudy(parse({ generators }), withRun("everything, test images too"))).toThrow(/2 problems/);
  });
});
