import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Tag and type of SOP Instance UID. */
const SOP_INSTANCE_UID = Buffer.from("080018005549", "hex");

function instanceUids(body: Buffer): Set<string> {
  const uids = new Set<string>();
  for (let at = body.indexOf(SOP_INSTANCE_UID); at >= 0; at = body.indexOf(SOP_INSTANCE_UID, at + 1)) {
    const value = body.subarray(at + 8, at + 8 + body.readUInt16LE(at + 6));
    uids.add(value.toString("latin1").replace("\0", ""));
  }
  return uids;
}

/** A PACS that stores whatever it is sent. */
export async function startPacs() {
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const stored = [...instanceUids(Buffer.concat(pieces))];
    const Value = stored.map((uid) => ({ "00081155": { vr: "UI", Value: [uid] } }));
    response.setHeader("content-type", "application/dicom+json");
    response.end(JSON.stringify({ "00081199": { vr: "SQ", Value } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
