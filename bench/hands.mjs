// A person's hands on a page of the studio: the mouse alone, or the keyboard alone. What is meant is told by its accessible role and
// name; nothing is clicked or focused by a program. Both type where a text or number is to be written: no mouse can do that.

/** Presses of Tab after which something counts as out of reach. */
const PRESSES = 700;
const PATIENCE = 600_000;
const matches = (name, wanted) => (typeof wanted === "string" ? name === wanted : wanted.test(name));

/** Role and name of what has the focus, as a screen reader is told them, whether it is seen, and its place on the page. */
async function focused(page, client) {
  const { result } = await client.send("Runtime.evaluate", { expression: "document.activeElement" });
  const { nodes } = await client.send("Accessibility.getPartialAXTree", {
    objectId: result.objectId,
    fetchRelatives: false,
  });
  await client.send("Runtime.releaseObject", { objectId: result.objectId });
  const seen = await page.evaluate(() => {
    const found = document.activeElement;
    if (found === document.body || found.id === "main") return { none: true };
    const shown = getComputedStyle(found.closest(".choice-card") ?? found);
    const { top, bottom, left, right } = found.getBoundingClientRect();
    const inView = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    return { outlined: shown.outlineStyle !== "none" || shown.boxShadow !== "none", inView, group: found.name ?? "" };
  });
  return { role: nodes[0]?.role?.value ?? "", name: nodes[0]?.name?.value ?? "", ...seen };
}

/**
 * Hands that use Tab, Enter, Space, arrows and letters.
 * @param page A page that has just been loaded.
 */
export async function keysOnly(page) {
  const client = await page.context().newCDPSession(page);
  const said = [];
  let presses = 0;
  const press = async (key) => {
    presses++;
    await page.keyboard.press(key);
  };
  /** @param group Of radio buttons, which the arrows choose from once any of them has the focus. Defaults to none. */
  async function tabTo(role, name, { group = null, nth = 0 } = {}) {
    const passed = [];
    let left = nth;
    let key = "Tab";
    for (let i = 0; i < PRESSES; i++) {
      await press(key);
      const at = await focused(page, client);
      if (at.none) {
        // Past the end of the page the way goes back, to what stands before.
        if (passed.length > 0) key = key === "Tab" ? "Shift+Tab" : "Tab";
        continue;
      }
      if (at.role !== "Iframe") {
        if (!at.outlined) said.push(`the focus on ${at.role} "${at.name}" is not seen`);
        if (!at.inView) said.push(`the focus on ${at.role} "${at.name}" is out of view`);
        if (at.name === "") said.push(`a ${at.role} without a name`);
      }
      if (group !== null ? at.group === group : at.role === role && matches(at.name, name) && left-- === 0) return at;
      passed.push(at.name.slice(0, 40));
    }
    throw new Error(`Tab does not reach ${role} ${name}; it passes ${[...new Set(passed)].join(", ")}`);
  }
  return {
    said,
    count: () => presses,
    kind: "keys",
    tabTo,
    async press(name, { role = "button", nth = 0 } = {}) {
      await tabTo(role, name, { nth });
      await press("Enter");
    },
    async open(name) {
      await tabTo("DisclosureTriangle", name);
      await press("Enter");
    },
    async check(name) {
      await tabTo("checkbox", name);
      await press("Space");
    },
    async radio(group, name) {
      let at = await tabTo("radio", name, { group });
      for (let i = 0; !matches(at.name, name); i++) {
        if (i > 20) throw new Error(`no radio button ${name} in ${group}`);
        await press("ArrowDown");
        at = await focused(page, client);
      }
    },
    /** Takes an entry of a list that unfolds. */
    async choose(name, value) {
      await tabTo("combobox", name);
      const chosen = () => page.evaluate(() => document.activeElement.value);
      for (let i = 0; (await chosen()) !== value; i++) {
        if (i > 50) throw new Error(`${name} has no ${value}`);
        await press("ArrowDown");
      }
    },
    async type(name, text, role = "textbox") {
      await tabTo(role, name);
      await press("Control+A");
      if (text === "") await press("Backspace");
      else {
        presses += text.length;
        await page.keyboard.type(text);
      }
    },
    key: press,
  };
}

/** Hands that move a pointer to the middle of what they mean, scroll with the wheel, and press. */
export function mouseOnly(page) {
  let presses = 0;
  const said = [];
  /** The middle of an element, scrolled to with the wheel until it can be hit. */
  async function reach(locator, what) {
    await locator.waitFor({ timeout: PATIENCE });
    for (let i = 0; i < 200; i++) {
      const box = await locator.boundingBox();
      const { height, width } = page.viewportSize();
      if (box === null) throw new Error(`${what} is not shown`);
      const middle = { x: box.x + Math.min(box.width / 2, 200), y: box.y + box.height / 2 };
      if (middle.y > 8 && middle.y < height - 8) {
        if (middle.x < 0 || middle.x > width) throw new Error(`${what} is beside the window`);
        // Twice in the same place: nothing moves under the pointer.
        await page.waitForTimeout(80);
        const again = await locator.boundingBox();
        if (again !== null && Math.abs(again.y - box.y) < 1) return middle;
        continue;
      }
      await page.mouse.move(width / 2, height / 2);
      await page.mouse.wheel(0, Math.sign(middle.y - height / 2) * Math.min(500, Math.abs(middle.y - height / 2)));
      await page.waitForTimeout(60);
    }
    throw new Error(`the wheel does not reach ${what}`);
  }
  async function click(locator, what) {
    const { x, y } = await reach(locator, what);
    await page.mouse.move(x, y, { steps: 4 });
    await page.mouse.down();
    await page.mouse.up();
    presses++;
  }
  const byRole = (role, name, nth = 0) =>
    page.getByRole(role, { name, ...(typeof name === "string" ? { exact: true } : {}) }).nth(nth);
  return {
    said,
    count: () => presses,
    kind: "mouse",
    press: (name, { role = "button", nth = 0 } = {}) => click(byRole(role, name, nth), `${role} ${name}`),
    open: (name) => click(page.locator("summary", { hasText: name }).first(), `summary ${name}`),
    check: (name) => click(byRole("checkbox", name), `checkbox ${name}`),
    radio: (_group, name) => click(byRole("radio", name).locator("xpath=.."), `radio ${name}`),
    async type(name, text, role = "textbox") {
      const { x, y } = await reach(byRole(role, name), `${role} ${name}`);
      // Three clicks mark what stands in the field.
      await page.mouse.click(x, y, { clickCount: 3 });
      presses += 3;
      if (text === "") await page.keyboard.press("Backspace");
      else await page.keyboard.type(text);
    },
  };
}
