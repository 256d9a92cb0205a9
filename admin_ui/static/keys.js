// Single keys: the page's dialog lists them, and this presses what it lists.

import { post } from "./server.js";

const dialog = document.getElementById("keys");
const handlers = new Map();
const GO = { q: "/desk", d: "/desk/decisions", r: "/desk/rules", s: "/desk/search" };
const REPEATS = new Set(["next", "previous"]);
const NAMED = { " ": "Space", ArrowDown: "next", ArrowUp: "previous" };
let goes = 0;
let early = []; // pressed before the page could do anything about it; null once it can

export const areOn = () => dialog && !("off" in dialog.dataset);
export const keyOf = (name) => dialog?.querySelector(`[data-does="${name}"]`)?.dataset.key ?? "";
export const does = () => [...handlers.keys()];
export const run = (name, how = {}) => handlers.get(name)?.(how);
export const inDialog = () => document.querySelector("dialog[open]") !== null;

// What a key does on this page; whoever binds a name last has it.
export const bind = (name, handler) => handlers.set(name, handler);

export function isTyping(target) {
  return target instanceof Element && target.matches("input:not([type=checkbox]), select, textarea");
}

function nameOf(event) {
  const { key } = event;
  const pressed = key === " " ? "Space" : key;
  const found = [...(dialog?.querySelectorAll("[data-does]") ?? [])].find(
    (each) => each.dataset.key === pressed || each.dataset.key === key.toLowerCase(),
  );
  if (found) return found.dataset.does;
  const isScrolling = event.target instanceof Element && event.target.matches("[role=region]");
  return isScrolling || key === " " ? "" : NAMED[key];
}

function isForUs(event) {
  if (event.altKey || event.metaKey || event.isComposing || inDialog()) return false;
  if (event.ctrlKey && event.key !== "z") return false;
  return areOn() && !isTyping(event.target);
}

function onKey(event) {
  if (event.ctrlKey && event.key === "k") {
    event.preventDefault();
    import("./palette.js").then((palette) => palette.open());
    return;
  }
  if (!isForUs(event)) return;
  if (early) return early.push(event);
  if (goes && Date.now() - goes < 1500 && GO[event.key]) location.assign(GO[event.key]);
  goes = 0;
  const name = nameOf(event);
  // Space on a button is its own.
  if (name === "veil" && event.target.closest?.("button, summary, input")) return;
  if (!name || (event.repeat && !REPEATS.has(name))) return;
  const handler = handlers.get(name);
  if (!handler) return;
  event.preventDefault();
  handler({ shift: event.shiftKey, digit: Number(event.key) });
}

export function showHints() {
  for (const hint of document.querySelectorAll("[data-hint]")) {
    hint.textContent = keyOf(hint.dataset.hint).replace("Space", "␣");
    hint.hidden = !areOn() || !hint.textContent;
  }
}

export function start() {
  if (!dialog) return;
  const isOn = document.getElementById("keys-on");
  isOn.addEventListener("change", () => {
    dialog.toggleAttribute("data-off", !isOn.checked);
    showHints();
    post("/desk/settings/keys-on", { on: isOn.checked ? "yes" : "" }).catch(() => {});
  });
  bind("help", () => dialog.showModal());
  bind("go", () => (goes = Date.now()));
  bind("search", () => document.querySelector("[data-seek]")?.focus());
  document.addEventListener("keydown", onKey);
}

// All is bound: the hints show, and fast hands lose nothing that they pressed while it loaded.
export function ready() {
  const pressed = early ?? [];
  early = null;
  if (dialog) showHints();
  pressed.forEach(onKey);
}
