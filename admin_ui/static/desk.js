// Keys for the desk. Everything works without this file; it only saves the hands some way.

const SWITCH = "desk-keys";
const dialog = document.getElementById("keys");
const keysOn = document.getElementById("keys-on");

const areOn = () => localStorage.getItem(SWITCH) !== "off";
const isTyping = (target) => target instanceof Element && target.matches("input, select, textarea");

function showKeys() {
  for (const hint of document.querySelectorAll("button > kbd")) hint.hidden = !areOn();
}

function moveInList(step) {
  const links = [...document.querySelectorAll(".item-link")];
  const at = links.indexOf(document.activeElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
  next?.focus();
}

function choosePolicy(number) {
  const select = document.querySelector("[data-policies]");
  if (select && number < select.options.length) select.selectedIndex = number;
}

function follow(key) {
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target) return false;
  if (target.matches("button")) target.form.requestSubmit(target);
  else if (target.matches("input")) target.focus();
  else target.click();
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (dialog?.open || isTyping(event.target) || !areOn()) return;
  const { key } = event;
  if (key === "j" || key === "k") moveInList(key === "j" ? 1 : -1);
  else if (event.repeat) return;
  else if (key === "?") dialog?.showModal();
  else if (/^[1-9]$/.test(key)) choosePolicy(Number(key));
  else if (!/^[arnu]$/.test(key) || !follow(key)) return;
  event.preventDefault();
}

if (dialog) {
  keysOn.checked = areOn();
  keysOn.addEventListener("change", () => {
    localStorage.setItem(SWITCH, keysOn.checked ? "on" : "off");
    showKeys();
  });
  const opener = document.querySelector("[data-opens-keys]");
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", onKey);
  showKeys();
}

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
