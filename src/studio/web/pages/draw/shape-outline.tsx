import { describeShape, type Shape } from "../../drawing/shape.ts";
import { useWords } from "../../texts/texts.ts";

interface ShapeOutlineProps {
  readonly shape: Shape;
  readonly selected: boolean;
  /** Outlines are seen; handles of a selected shape always are. */
  readonly visible: boolean;
  /** Width of the stage in pixels of the screen. */
  readonly side: number;
  readonly onSelect: (id: number) => void;
}

const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;
/** Radii in pixels of the screen: what is seen, and what a finger hits. */
const HANDLE = 6;
const TOUCH = 20;
/** Distance of the handle that turns from the upper side. */
const STALK = 30;

/** Half the extents of a shape on the screen. */
const halves = ({ width, height }: Shape, side: number) => [(width * side) / 2, (height * side) / 2] as const;

function Handles({ shape, side }: { readonly shape: Shape; readonly side: number }) {
  const [a, b] = halves(shape, side);
  // Where the upper side is near the upper edge of the stage, the stalk leaves at the lower side.
  return (
    <>
      <line class="stalk" x1={0} y1={-b} x2={0} y2={-b - STALK} />
      <g data-grip="turn" class="handle turn">
        <circle class="touch" cx={0} cy={-b - STALK} r={TOUCH} />
        <circle class="knob" cx={0} cy={-b - STALK} r={HANDLE} />
      </g>
      {CORNERS.map(([u, v]) => (
        <g key={`${u}${v}`} data-grip="corner" data-u={u} data-v={v} class="handle corner">
          <circle class="touch" cx={u * a} cy={v * b} r={Math.min(TOUCH, Math.max(HANDLE + 2, Math.min(a, b)))} />
          <rect class="knob" x={u * a - HANDLE} y={v * b - HANDLE} width={2 * HANDLE} height={2 * HANDLE} rx={2} />
        </g>
      ))}
    </>
  );
}

/** A shape over the picture: what the pointer takes hold of and the keyboard steps through. */
export function ShapeOutline({ shape, selected, visible, side, onSelect }: ShapeOutlineProps) {
  const { t } = useWords();
  const [a, b] = halves(shape, side);
  const turn = (shape.angle * 180) / Math.PI;
  const outline = (name: string) =>
    shape.kind === "ellipse" ? (
      <ellipse class={name} rx={a} ry={b} />
    ) : (
      <rect class={name} x={-a} y={-b} width={2 * a} height={2 * b} />
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element cannot stand inside of a drawing
    <g
      class={`shape${selected ? " selected" : ""}${visible ? "" : " unseen"}`}
      data-shape={shape.id}
      transform={`translate(${shape.x * side} ${shape.y * side}) rotate(${turn})`}
      tabIndex={0}
      role="button"
      aria-pressed={selected}
      aria-label={describeShape(shape, t)}
      onFocus={() => onSelect(shape.id)}
    >
      {outline("body")}
      {outline("casing")}
      {outline("line")}
      {selected && shape.kind === "ellipse" && <rect class="frame" x={-a} y={-b} width={2 * a} height={2 * b} />}
      {selected && <Handles shape={shape} side={side} />}
    </g>
  );
}
