// Rewrites the part of docs/commands.md below the marker from the help of the built commands. With --check it only tells
// whether the file is up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { commands } from "../dist/cli/commands.js";
import { runProgram } from "../dist/cli/program.js";

const MARKER = "<!-- Below: written by `npm run docs` from the help of each command. -->\n";
const path = new URL("../docs/commands.md", import.meta.url);

async function help(name) {
  let text = "";
  const out = (piece) => {
    text += piece;
  };
  await runProgram([name, "--help"], commands, { out, err: out, version: "", helpWidth: 110 });
  return text.trimEnd();
}

const before = readFileSync(path, "utf8");
const kept = before.slice(0, before.indexOf(MARKER) + MARKER.length);
const sections = [];
for (const { name } of commands) sections.push(`\n## ${name}\n\n\`\`\`text\n${await help(name)}\n\`\`\`\n`);
const after = kept + sections.join("");
if (process.argv.includes("--check")) {
  if (after === before) process.exit(0);
  console.error("docs/commands.md is out of date: npm run docs");
  process.exit(1);
}
writeFileSync(path, after);
