// What docs/cluster has for Slurm and Kubernetes: syntax, and that it fits together and to the commands of this version.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { commands } from "../src/cli/commands.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { freePort } from "../src/core/testing/free-port.ts";
import { parseStudyConfig } from "../src/study/config.ts";
import { missingRedis } from "../src/study/testing/redis.ts";

const folder = fileURLToPath(new URL("../docs/cluster/", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

// biome-ignore lint/suspicious/noExplicitAny: manifests are free-form; the tests say what they must hold.
type Manifest = any;

const manifests: Manifest[] = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .flatMap((name) =>
    parseAllDocuments(readFileSync(join(folder, name), "utf8"), { strict: true }).map((document) => {
      expect([...document.errors, ...document.warnings], name).toEqual([]);
      return document.toJS();
    }),
  );
const named = (kind: string): string[] =>
  manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
const workloads = manifests.filter(({ spec }) => spec?.template !== undefined);

describe("the manifests for Kubernetes", () => {
  test("are of kinds and versions that Kubernetes has, and named as it wants", () => {
    const versions: Record<string, string> = {
      ConfigMap: "v1",
      PersistentVolumeClaim: "v1",
      Service: "v1",
      StatefulSet: "apps/v1",
      Deployment: "apps/v1",
      Job: "batch/v1",
      NetworkPolicy: "networking.k8s.io/v1",
    };
    for (const { apiVersion, kind, metadata } of manifests) {
      expect(apiVersion, kind).toBe(versions[kind]);
      expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
    }
    const [queue] = manifests.filter(({ kind }) => kind === "Service");
    expect(queue.spec).toMatchObject({ selector: expect.anything(), ports: [{ port: 6379 }] });
  });

  test.each(workloads.map((one) => [`${one.kind} ${one.metadata.name}`, one]))(
    "%s is complete",
    (_, { kind, spec }) => {
      const { metadata, spec: pod } = spec.template;
      if (kind === "Job") expect(pod.restartPolicy).toMatch(/^(OnFailure|Never)$/);
      else expect(metadata.labels).toMatchObject(spec.selector.matchLabels);
      if (kind === "StatefulSet") expect(named("Service")).toContain(spec.serviceName);
      expect(pod.securityContext.runAsNonRoot).toBe(true);
      const claimed = (spec.volumeClaimTemplates ?? []).map((claim: Manifest) => claim.metadata.name);
      const volumes = [...claimed, ...(pod.volumes ?? []).map(({ name }: Manifest) => name)];
      for (const { persistentVolumeClaim, configMap } of pod.volumes ?? []) {
        if (persistentVolumeClaim) expect(named("PersistentVolumeClaim")).toContain(persistentVolumeClaim.claimName);
        if (configMap) expect(named("ConfigMap")).toContain(configMap.name);
      }
      for (const { name, image, env, resources, volumeMounts, securityContext } of pod.containers) {
        expect(name).toMatch(/^[a-z]+$/);
        expect(image).toMatch(/^[a-z]+:[\d.]+$/);
        if (image.startsWith("ganglion:")) expect(image).toBe(`ganglion:${version}`);
        expect(resources).toMatchObject({ requests: { cpu: expect.anything(), memory: expect.anything() } });
        expect(securityContext.allowPrivilegeEscalation).toBe(false);
        for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
        // No password stands in a manifest.
        for (const { value, valueFrom } of env) {
          expect(value).toBeUndefined();
          expect(valueFrom.secretKeyRef).toEqual({ name: "ganglion-queue", key: "password" });
        }
      }
    },
  );

  test("select pods that are there, and only those of Ganglion reach the queue", () => {
    const labels = workloads.map(({ spec }) => spec.template.metadata.labels);
    const selects = (wanted: Record<string, string>) =>
      labels.filter((own) => Object.entries(wanted).every(([key, value]) => own[key] === value)).length;
    const [service] = manifests.filter(({ kind }) => kind === "Service");
    const [policy] = manifests.filter(({ kind }) => kind === "NetworkPolicy");
    expect(selects(service.spec.selector)).toBe(1);
    expect(selects(policy.spec.podSelector.matchLabels)).toBe(1);
    expect(selects(policy.spec.ingress[0].from[0].podSelector.matchLabels)).toBe(labels.length);
  });

  test("call commands as they are, on folders that are mounted", async () => {
    const called: string[] = [];
    for (const { spec } of workloads) {
      for (const { image, args, volumeMounts } of spec.template.spec.containers as Manifest[]) {
        if (!image.startsWith("ganglion:")) continue;
        const [name, ...words] = args as string[];
        const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
        (await commands.find((one) => one.name === name)!.load()).configure(command);
        const { queue, store, out } = command.parse(words, { from: "user" }).opts();
        const mounted = volumeMounts.map(({ mountPath }: Manifest) => mountPath);
        expect(queue).toBe(`redis://${named("Service")[0]}`);
        for (const path of [store, out]) if (path !== undefined) expect(mounted).toContain(path);
        called.push(name!);
      }
    }
    expect(called.sort()).toEqual(["study", "worker"]);
  });

  test("hold a configuration of a study that is right", () => {
    const [{ data }] = manifests.filter(({ kind }) => kind === "ConfigMap");
    expect(() => parseStudyConfig(JSON.parse(data["study.json"]), "study.json")).not.toThrow();
  });
});

describe("the script for Slurm", () => {
  const script = join(folder, "study.sbatch");

  test("is bash, and its directives are Slurm's", () => {
    expect(spawnSync("bash", ["-n", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    const directives = readFileSync(script, "utf8")
      .split("\n")
      .filter((line) => line.startsWith("#SBATCH"))
      .map((line) => /^#SBATCH --([a-z-]+)(=\S+)?$/.exec(line)?.[1]);
    const known = ["job-name", "array", "cpus-per-task", "mem", "time", "signal", "requeue", "output"];
    expect(directives).toEqual(known);
  });

  test.skipIf(missingRedis("the script for Slurm is not run"))(
    "task 0 runs Redis and the study, another task a worker on it, the password between them alone",
    async () => {
      const work = await temporaryFolder();
      const bin = join(work, "bin");
      mkdirSync(bin);
      // Says how it was called; the study ends when a worker was there, the worker when the study has ended.
      const stub = `#!/usr/bin/env bash
echo "$*" > "${work}/$1.args"
redis-cli -u "$(sed 's/.*--queue \\([^ ]*\\).*/\\1/' <<<"$*")" ping > "${work}/$1.open" 2>&1
REDISCLI_AUTH=$GANGLION_QUEUE_PASSWORD redis-cli -u "$(sed 's/.*--queue \\([^ ]*\\).*/\\1/' <<<"$*")" ping > "${work}/$1.ping" 2>&1
if [ "$1" = study ]; then until [ -e "${work}/worker.ping" ]; do sleep 0.1; done; fi
`;
      writeFileSync(join(bin, "ganglion"), stub);
      writeFileSync(join(bin, "hostname"), "#!/bin/sh\necho 127.0.0.1\n");
      for (const name of ["ganglion", "hostname"]) chmodSync(join(bin, name), 0o755);
      const port = await freePort();
      const begin = (task: number) =>
        spawn("bash", [script, "study.json", join(work, "study")], {
          env: {
            ...process.env,
            PATH: `${bin}:${process.env.PATH}`,
            SLURM_ARRAY_TASK_ID: `${task}`,
            QUEUE_PORT: `${port}`,
          },
          stdio: ["ignore", "inherit", "inherit"],
        });
      const study = begin(0);
      const address = join(work, "study", "queue.env");
      for (let left = 200; left > 0 && !existsSync(address); left--) await pause(50);
      expect(statSync(address).mode & 0o777).toBe(0o600);
      const worker = begin(1);
      expect([(await once(study, "exit"))[0], (await once(worker, "exit"))[0]]).toEqual([0, 0]);
      const read = (name: string) => readFileSync(join(work, name), "utf8").trim();
      const store = join(work, "study", "store");
      expect(read("study.args")).toContain(`--store ${store} --queue redis://127.0.0.1:${port}`);
      expect(read("worker.args")).toContain(`--queue redis://127.0.0.1:${port} --store ${store}`);
      expect(read("study.open")).toContain("NOAUTH");
      expect([read("study.ping"), read("worker.ping")]).toEqual(["PONG", "PONG"]);
      expect(existsSync(address)).toBe(false);
      for (const name of ["study.args", "worker.args"]) expect(read(name)).not.toMatch(/[0-9a-f]{48}/);
    },
  );
});
