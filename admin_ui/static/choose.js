// The dialog that takes something away: a policy by number or by name, what else follows, and the
// words that the user will read.

const dialog = document.getElementById("choose");
const find = (selector) => dialog.querySelector(selector);
const all = (selector) => [...dialog.querySelectorAll(selector)];
const policies = () => all(".policy");
const visible = () => policies().filter((each) => !each.hidden);
const chosen = () => policies().find((each) => each.querySelector("input").checked);
const PAST = { remove: "removed", warn: "warned", limit: "limited", suspend: "suspended", ban: "banned", label: "labelled" };
const REMEMBERED = "desk-policy";
let variables = {};

export const last = () => sessionStorage.getItem(REMEMBERED) ?? "";

const filled = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => variables[name] ?? whole);

function check(label) {
  if (label) label.querySelector("input").checked = true;
  preview();
}

function preview() {
  const label = chosen();
  const words = find("[name=message]");
  if (!words.dataset.edited) words.value = label ? filled(label.dataset.message) : "";
  const macros = Object.entries(JSON.parse(label?.dataset.macros || "{}"));
  find(".macros").replaceChildren(
    ...macros.map(([name, text]) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.addEventListener("click", () => {
        words.value = filled(text);
        words.dataset.edited = "yes";
      });
      return button;
    }),
  );
}

function narrow(text) {
  const sought = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const each of policies()) each.hidden = !sought.every((word) => each.textContent.toLowerCase().includes(word));
  visible().forEach((each, index) => (each.querySelector("kbd").textContent = index < 9 ? index + 1 : ""));
  check(visible()[0]);
}

function onKey(event) {
  const { key } = event;
  const isFilter = event.target === find("[data-filter]");
  const inText = event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])") && !isFilter;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || inText) return;
  if (/^[1-9]$/.test(key)) {
    event.preventDefault();
    const label = visible()[Number(key) - 1];
    if (!label) return;
    check(label);
    find("form").requestSubmit(find("[data-decide]"));
  } else if (isFilter && (key === "ArrowDown" || key === "ArrowUp")) {
    event.preventDefault();
    const seen = visible();
    check(seen[Math.max(0, Math.min(seen.length - 1, seen.indexOf(chosen()) + (key === "ArrowDown" ? 1 : -1)))]);
  }
}

// What the list says about a choice: "removed, warned".
function told(fields) {
  const acts = [fields.action].flat();
  if (fields.policy?.[0]) sessionStorage.setItem(REMEMBERED, fields.policy[0]);
  return { text: acts.map((name) => PAST[name] ?? name).join(", "), isTaken: true };
}

// Ask about an item; whoever sends the form hears the answer.
export function ask(item) {
  const { suggested, actor } = item.dataset;
  find("form").reset();
  delete find("[name=message]").dataset.edited;
  variables = { actor, item: item.dataset.item };
  for (const name of ["policy", "title"]) delete variables[name];
  narrow("");
  check(policies().find((each) => each.querySelector("input").value === suggested) ?? visible()[0]);
  dialog.showModal();
  find("[data-filter]").focus();
}
ask.told = told;

if (dialog) {
  dialog.addEventListener("keydown", onKey);
  find("[data-filter]").addEventListener("input", (event) => narrow(event.target.value));
  find("[name=message]").addEventListener("input", (event) => (event.target.dataset.edited = "yes"));
  for (const each of policies()) each.addEventListener("change", preview);
  // The policy's own words need not travel.
  find("form").addEventListener("formdata", ({ formData }) => {
    if (!find("[name=message]").dataset.edited) formData.delete("message");
  });
}
