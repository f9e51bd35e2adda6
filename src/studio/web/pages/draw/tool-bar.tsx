import { Icon, type IconName } from "../../components/icon.tsx";
import type { Tool } from "../../drawing/drag.ts";
import { useWords } from "../../texts/texts.ts";

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

const TOOL_BUTTONS: readonly { readonly tool: Tool; readonly key: string }[] = [
  { tool: "select", key: "V" },
  { tool: "ellipse", key: "E" },
  { tool: "box", key: "R" },
  { tool: "paint", key: "P" },
  { tool: "erase", key: "X" },
];
/** Radius of the brush, shares of the image. */
const BRUSH = { min: 0.01, max: 0.15, step: 0.005 } as const;

/** Tool that a key chooses, or null. */
export const toolOfKey = (key: string): Tool | null =>
  TOOL_BUTTONS.find((button) => button.key.toLowerCase() === key.toLowerCase())?.tool ?? null;

/** Tools for the lesion, and steps back and forth. */
export function ToolBar(props: ToolBarProps) {
  const { t } = useWords();
  const { tool, onTool, brush, onBrush, canUndo, canRedo, canRemove, onUndo, onRedo, onRemove } = props;
  const action = (icon: IconName, text: string, keys: string, enabled: boolean, act: () => void) => (
    <button type="button" class="tool" disabled={!enabled} title={`${text} (${keys})`} aria-label={text} onClick={act}>
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="tool-bar" role="toolbar" aria-label={t("draw.lesion")}>
      <div class="tool-group">
        {TOOL_BUTTONS.map((button) => (
          <button
            key={button.tool}
            type="button"
            class="tool"
            aria-pressed={button.tool === tool}
            title={`${t(`tool.${button.tool}`)} (${button.key})`}
            onClick={() => onTool(button.tool)}
          >
            <Icon name={button.tool} />
            <span>{t(`tool.${button.tool}`)}</span>
          </button>
        ))}
      </div>
      {(tool === "paint" || tool === "erase") && (
        <label class="brush-size">
          <span>{t("draw.brush")}</span>
          <input
            type="range"
            {...BRUSH}
            value={brush}
            onInput={(event) => onBrush(Number(event.currentTarget.value))}
          />
        </label>
      )}
      <div class="tool-group last">
        {action("undo", t("draw.undo"), "Ctrl+Z", canUndo, onUndo)}
        {action("redo", t("draw.redo"), "Shift+Ctrl+Z", canRedo, onRedo)}
        {action("remove", t("draw.remove"), "Delete", canRemove, onRemove)}
      </div>
    </div>
  );
}
