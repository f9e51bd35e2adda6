import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Box } from "../../../../data/maps/semantic-map.ts";
import { PictureCanvas } from "../../components/picture-canvas.tsx";
import { type Drag, dragBrush, dragGrip, dragNew, type Grip, type Point, type Tool } from "../../drawing/drag.ts";
import type { Picture } from "../../generator/messages.ts";
import { useWords } from "../../texts/texts.ts";
import { ShapeOutline } from "./shape-outline.tsx";
import type { DrawingDesk } from "./use-drawing.ts";

interface StageProps {
  readonly desk: DrawingDesk;
  /** The map's resolution. */
  readonly size: number;
  readonly picture: Picture | null;
  readonly label: string;
  readonly smooth: boolean;
  readonly outlines: boolean;
  /** Boxes that the generator is shown in the place of outlines; empty where it sees these. */
  readonly boxes: readonly Box[];
  readonly tool: Tool;
  /** Radius of the brush in shares of the image. */
  readonly brush: number;
  /** Where the keyboard's brush stands; null where it is not in use. */
  readonly brushAt: Point | null;
  readonly selected: number | null;
  readonly onSelect: (id: number | null) => void;
  readonly onTool: (tool: Tool) => void;
}

/** What an element of the overlay lets the pointer take hold of. */
function gripOf(target: Element): Grip | null {
  const id = Number(target.closest<SVGElement>("[data-shape]")?.dataset.shape ?? Number.NaN);
  if (Number.isNaN(id)) return null;
  const handle = target.closest<SVGElement>("[data-grip]")?.dataset;
  if (handle?.grip === "turn") return { at: "turn", id };
  if (handle?.grip === "corner") {
    return { at: "corner", id, u: handle.u === "1" ? 1 : -1, v: handle.v === "1" ? 1 : -1 };
  }
  return { at: "shape", id };
}

/** The picture, with the lesion over it to take hold of. */
export function Stage(props: StageProps) {
  const { desk, size, picture, label, smooth, outlines, boxes, tool, brush, brushAt, selected, onSelect, onTool } =
    props;
  const { t } = useWords();
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<Drag | null>(null);
  const [side, setSide] = useState(512);
  const [hover, setHover] = useState<Point | null>(null);
  const brushes = tool === "paint" || tool === "erase";

  useLayoutEffect(() => {
    const element = svg.current!;
    const watch = new ResizeObserver(() => setSide(element.clientWidth || 512));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const placeOf = useCallback((event: PointerEvent): Point => {
    const { left, top, width, height } = svg.current!.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }, []);

  function begin(event: PointerEvent): void {
    if (event.button !== 0 || drag.current !== null) return;
    event.preventDefault();
    const point = placeOf(event);
    const { drawing } = desk;
    if (tool === "ellipse" || tool === "box") drag.current = dragNew(drawing, tool, point);
    else if (tool === "paint" || tool === "erase") drag.current = dragBrush(drawing, size, tool, brush, point);
    else {
      const at = Math.floor(point[1] * size) * size + Math.floor(point[0] * size);
      const grip: Grip | null = gripOf(event.target as Element) ?? (drawing.paint[at] ? { at: "paint" } : null);
      drag.current = grip === null ? null : dragGrip(drawing, size, grip, point);
    }
    onSelect(drag.current?.id ?? null);
    const held = drag.current?.id ?? null;
    const element = held === null ? svg.current : svg.current!.querySelector<SVGElement>(`[data-shape="${held}"]`);
    (element ?? svg.current)!.focus({ preventScroll: true });
    if (drag.current === null) return;
    svg.current!.setPointerCapture(event.pointerId);
    if (tool !== "select") desk.show(drag.current.to(point), event.timeStamp);
  }

  function move(event: PointerEvent): void {
    if (brushes) setHover(placeOf(event));
    if (drag.current !== null) desk.show(drag.current.to(placeOf(event)), event.timeStamp);
  }

  function end(): void {
    if (drag.current === null) return;
    drag.current = null;
    desk.keep();
    if (tool === "ellipse" || tool === "box") onTool("select");
  }

  const brushPoint = hover ?? brushAt;
  return (
    <div class={`stage tool-${tool}`}>
      <PictureCanvas picture={picture} label={label} smooth={smooth} />
      <svg
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its role is application, the keyboard paints in it
        tabIndex={0}
        ref={svg}
        class="overlay"
        viewBox={`0 0 ${side} ${side}`}
        role="application"
        aria-label={t("draw.stage")}
        onPointerDown={begin}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
        onPointerLeave={() => setHover(null)}
      >
        {outlines &&
          boxes.map((box) => (
            <rect
              key={`${box.xMin} ${box.yMin} ${box.xMax} ${box.yMax}`}
              class="seen-box"
              x={box.xMin * side}
              y={box.yMin * side}
              width={(box.xMax - box.xMin) * side}
              height={(box.yMax - box.yMin) * side}
            />
          ))}
        {desk.drawing.shapes.map((shape) => (
          <ShapeOutline
            key={shape.id}
            shape={shape}
            side={side}
            visible={outlines}
            selected={shape.id === selected && tool === "select"}
            onSelect={onSelect}
          />
        ))}
        {brushes && brushPoint !== null && (
          <circle class="brush" cx={brushPoint[0] * side} cy={brushPoint[1] * side} r={Math.max(2, brush * side)} />
        )}
      </svg>
    </div>
  );
}
