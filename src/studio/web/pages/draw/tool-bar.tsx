import { Icon, type IconName } from "../../components/icon.tsx";
import type { Tool } from "../../drawing/drag.ts";

interface ToolBarProps {
  readonly tool: Tool;
  readonly onTool: (tool: Tool) => void;
  readonly brush: number;
  readonly onBrush: (radius: number) => void;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canRemove: boolean;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onRemove: () => void;
}

const TOOL_BUTTONS: readonly { readonly tool: Tool; readonly text: string; readonly key: string }[] = [
  { tool: "select", text: "Select", key: "V" },
  { tool: "ellipse", text: "Ellipse", key: "E" },
  { tool: "box", text: "Box", key: "R" },
  { tool: "paint", text: "Paint", key: "P" },
  { tool: "erase", text: "Erase", key: "X" },
];
/** Radius of the brush, shares of the image. */
const BRUSH = { min: 0.01, max: 0.15, step: 0.005 } as const;

/** Tool that a key chooses, or null. */
export const toolOfKey = (key: string): Tool | null =>
  TOOL_BUTTONS.find((button) => button.key.toLowerCase() === key.toLowerCase())?.tool ?? null;

/** Tools for the lesion, and steps back and forth. */
export function ToolBar(props: ToolBarProps) {
  const { tool, onTool, brush, onBrush, canUndo, canRedo, canRemove, onUndo, onRedo, onRemove } = props;
  const action = (icon: IconName, text: string, keys: string, enabled: boolean, act: () => void) => (
    <button type="button" class="tool" disabled={!enabled} title={`${text} (${keys})`} aria-label={text} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="tool-bar" role="toolbar" aria-label="Lesion">
      <div class="tool-group">
        {TOOL_BUTTONS.map((button) => (
          <button
            key={button.tool}
            type="button"
            class="tool"
            aria-pressed={button.tool === tool}
            title={`${button.text} (${button.key})`}
            onClick={() => onTool(button.tool)}
          >
            <Icon name={button.tool} />
            <span>{button.text}</span>
          </button>
        ))}
      </div>
      {(tool === "paint" || tool === "erase") && (
        <label class="brush-size">
          <span>Brush</span>
          <input
            type="range"
            {...BRUSH}
            value={brush}
            onInput={(event) => onBrush(Number(event.currentTarget.value))}
          />
        </label>
      )}
      <div class="tool-group last">
        {action("undo", "Undo", "Ctrl+Z", canUndo, onUndo)}
        {action("redo", "Redo", "Shift+Ctrl+Z", canRedo, onRedo)}
        {action("remove", "Remove", "Delete", canRemove, onRemove)}
      </div>
    </div>
  );
}
