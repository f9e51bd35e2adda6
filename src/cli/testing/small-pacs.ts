import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request to the PACS held. */
interface PacsRequest {
  readonly path: string;
  readonly token: string | undefined;
  readonly objects: number;
}

/** A PACS on this machine that takes objects by STOW-RS and keeps none. */
export interface SmallPacs {
  /** Root of its DICOMweb service. */
  readonly url: string;
  readonly requests: PacsRequest[];
  close(): void;
}

/**
 * Opens a PACS that answers that it stored every object it was sent.
 * @param token `Authorization` without which it answers 401. Defaults to none.
 */
export async function openSmallPacs(token?: string): Promise<SmallPacs> {
  const requests: PacsRequest[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces).toString("latin1");
    const { authorization } = request.headers;
    // Of each object, the UID that its dataset states: (0008,0018).
    const uids = body
      .split("\x08\0\x18\0UI")
      .slice(1)
      .map((rest) => /^..([0-9.]+)/s.exec(rest)?.[1]);
    requests.push({ path: request.url ?? "", token: authorization, objects: uids.length });
    if (token !== undefined && authorization !== token) return void response.writeHead(401).end();
    const stored = uids.map((uid) => ({ "00081155": { vr: "UI", Value: [uid] } }));
    response.end(JSON.stringify({ "00081199": { vr: "SQ", Value: stored } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/dicom-web`, requests, close: () => void server.close() };
}
