import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");

test("the studio begins as the Dockerfile says, on an address that a container's port can be passed on to", async () => {
  const said = dockerfile.match(/^# .* ganglion (studio .*)$/m)?.[1]?.split(" ");
  expect(said).toEqual(expect.arrayContaining(["--host", "0.0.0.0", "--port", "8080"]));
  expect(dockerfile).toContain("-p 127.0.0.1:8080:8080");
  // Another port, since 8080 may be taken here.
  const words = said!.map((word) => (word === "8080" ? "0" : word));
  const studio = spawn(process.execPath, [join(root, "dist/cli/main.js"), ...words], { cwd: await temporaryFolder() });
  try {
    let output = "";
    const told = new Promise<string>((resolve) => {
      for (const stream of [studio.stdout, studio.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          const address = output.match(/studio: (http:\S+)/)?.[1];
          if (address !== undefined) resolve(address);
        });
      }
      studio.once("exit", () => resolve(output));
    });
    const address = await told;
    expect(address).toMatch(/^http:\/\/0\.0\.0\.0:\d+\//);
    const answer = await fetch(address.replace("0.0.0.0", "127.0.0.1"), { redirect: "manual" });
    expect(answer.status).toBe(302);
  } finally {
    studio.kill();
    if (studio.exitCode === null && studio.signalCode === null) await once(studio, "exit");
  }
});
