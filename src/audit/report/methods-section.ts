import { count, number } from "../../report/format.ts";
import { html } from "../../report/html.ts";
import type { Part } from "../../report/page.ts";
import type { AuditFile } from "../audit-file.ts";

/** What was done, so that the numbers can be made again; null without a protocol. */
export function methodsSection({ protocol, train, holdout, synthetic, run, seed }: AuditFile): Part | null {
  if (protocol === undefined) return null;
  const privacy = run?.differentialPrivacy;
  const content = html`<dl>
${protocol.dropped === undefined ? "" : html`<dt>Left out</dt><dd>${count(protocol.dropped.length)} held-out images that repeat training images (--drop-duplicates): ${protocol.dropped.map(({ holdout, train }) => `${holdout} = ${train}`).join(", ")}.</dd>`}
<dt>Images</dt><dd>${count(train.n)} training, ${count(holdout.n)} held-out, ${count(synthetic.n)} synthetic, all at ${count(protocol.resolution)} px; intervals treat one ${protocol.unit} as independent.${protocol.where === undefined ? "" : ` Training images are those of the run’s --where ${protocol.where.join(" --where ")}.`}</dd>
${Object.entries(protocol.spaces).map(([name, words]) => html`<dt>${name}</dt><dd>${words}</dd>`)}
<dt>False alarms</dt><dd>In a set that leaks nothing, ${number(protocol.falseAlarms.copies)} images are expected to be called copies, and the probability that any other test raises an alarm is ${number(protocol.falseAlarms.tests)} (Holm’s correction over all of them).</dd>
<dt>Run</dt><dd>${run === null ? "none was given" : html`generator <code>${run.generator}</code>`}</dd>
<dt>Differential privacy</dt><dd>${run === null ? "unknown" : privacy ? `epsilon ${privacy.epsilon}, delta ${privacy.delta}, ${privacy.unit}, ${privacy.accountant}` : "the run was trained without it"}</dd>
<dt>SHA-256</dt><dd>training <code>${train.hash}</code><br>held-out <code>${holdout.hash}</code><br>synthetic <code>${synthetic.hash}</code></dd>
<dt>Seed</dt><dd>${seed}</dd></dl>
<p>Nearest-neighbour tests find only copies; passing them is no privacy guarantee (arXiv 2505.01524). Only differential privacy bounds what a stronger attacker could learn.</p>`;
  return { id: "methods", title: "Methods", hint: "so that the numbers can be made again", content };
}
