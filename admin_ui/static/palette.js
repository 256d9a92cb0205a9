// The palette: everything that can be done or gone to from here, found by typing.

import { keyOf, does, run } from "./keys.js";

const make = (name, properties) => Object.assign(document.createElement(name), properties);
let dialog;

function entries() {
  const links = [...document.querySelectorAll(".sections a, .queues a")].map((link) => ({
    text: `Go to ${link.textContent.trim().replace(/\s+/g, " ")}`,
    key: "",
    act: () => link.click(),
  }));
  const acts = does().map((name) => ({
    text: document.querySelector(`[data-does="${name}"] dd`)?.textContent ?? name,
    key: keyOf(name),
    act: () => run(name),
  }));
  return [...links, ...acts];
}

function build() {
  dialog = make("dialog", { className: "palette", ariaLabel: "Command palette" });
  const input = make("input", { type: "text", placeholder: "Type what you want to do", ariaLabel: "Command" });
  const list = make("ul", { id: "palette-list", role: "listbox", ariaLabel: "Commands" });
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "true");
  dialog.append(input, list);
  document.body.append(dialog);
  input.addEventListener("input", () => fill(list, input));
  input.addEventListener("keydown", (event) => onKey(event, list, input));
  return { input, list };
}

let found = [];
let at = 0;
let parts;

function fill(list, input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  found = entries().filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  at = 0;
  list.replaceChildren(
    ...found.map((entry, index) => {
      const row = make("li", { id: `palette-${index}`, role: "option" });
      row.append(make("span", { textContent: entry.text }));
      if (entry.key) row.append(make("kbd", { textContent: entry.key }));
      row.addEventListener("click", () => choose(index));
      return row;
    }),
  );
  show(list, input);
}

function show(list, input) {
  [...list.children].forEach((row, index) => row.setAttribute("aria-selected", index === at));
  list.children[at]?.scrollIntoView({ block: "nearest" });
  if (found.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
  else input.removeAttribute("aria-activedescendant");
}

function choose(index) {
  dialog.close();
  found[index]?.act();
}

function onKey(event, list, input) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Enter") choose(at);
  else if (step) at = Math.max(0, Math.min(found.length - 1, at + step));
  else return;
  event.preventDefault();
  show(list, input);
}

export function open() {
  if (document.querySelector("dialog[open]")) return;
  parts ??= build();
  parts.input.value = "";
  fill(parts.list, parts.input);
  dialog.showModal();
}
