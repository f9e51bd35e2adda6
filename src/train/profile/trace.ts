import { z } from "zod";
import { GanglionError } from "../../core/errors.ts";
import { readJson } from "../../core/files.ts";
import { LABEL_END } from "../../graph/index.ts";

/** One operation that the runtime ran. */
export interface TracedNode {
  /** ONNX operator. */
  readonly op: string;
  /** What the graph said that it belongs to; null where nothing was said. */
  readonly label: string | null;
  readonly milliseconds: number;
}

const KERNEL = "_kernel_time";
const traceSchema = z.array(
  z.object({
    cat: z.string().optional(),
    name: z.string(),
    dur: z.number().optional(),
    args: z.object({ op_name: z.string().optional() }).optional(),
  }),
);

/**
 * Reads the Chrome trace that ONNX Runtime writes.
 * @throws GanglionError `files` when it cannot be read, `graph` when it is not such a trace
 */
export async function readTrace(path: string): Promise<TracedNode[]> {
  const parsed = traceSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new GanglionError("graph", `${path} is not a profile of ONNX Runtime`);
  return parsed.data
    .filter(({ cat, name }) => cat === "Node" && name.endsWith(KERNEL))
    .map(({ name, dur = 0, args }) => {
      const end = name.indexOf(LABEL_END);
      return { op: args?.op_name ?? "?", label: end < 0 ? null : name.slice(0, end), milliseconds: dur / 1000 };
    });
}
