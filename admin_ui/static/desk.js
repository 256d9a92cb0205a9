// Every page of the desk: menus, dialogs, copying, keys. All works without it; it saves the hands.

import { bind, ready, start } from "./keys.js";
import "./outbox.js";

start();
bind("back", () => document.querySelector("[data-back]")?.click());
bind("undo", () => document.querySelector("[data-take-back]")?.click());

// Without a mouse-over, what opens a dialog is a button that says which.
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal());
}

// A menu closes when somebody presses Escape or looks elsewhere.
const close = (but) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(but)) menu.open = false;
};
document.addEventListener("click", (event) => close(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.activeElement?.closest("details.menu[open]")?.querySelector("summary").focus();
  close(null);
});

// A link without a host becomes a whole one, so that it can be read aloud or pasted.
for (const link of document.querySelectorAll("[data-whole]")) link.textContent = link.href;

for (const button of document.querySelectorAll("[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.innerText.trim());
    button.textContent = "Copied";
  });
}

// The one-time token leaves the address bar and the history as soon as the page has it.
if (location.search.includes("token=")) history.replaceState(null, "", location.pathname);

// Places where work is done bring their own script, once the page stands.
if (document.querySelector("[data-work]")) await import("./work.js").catch(console.error);
ready();
