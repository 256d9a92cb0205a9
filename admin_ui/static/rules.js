// The pages of rules: a caret that knows its line, findings that lead to their place, fresh numbers.

const REFRESH_MS = 10_000;
const RUNNING_MS = 1_500;
const LIVE = "safety.attack.live";

function offsetOf(text, line, column) {
  let start = 0;
  for (let n = 1; n < line; n += 1) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(text.length, start + column - 1);
}

function editor(form) {
  const area = form.querySelector("textarea");
  const told = form.querySelector("[data-caret]");
  const tell = () => {
    const before = area.value.slice(0, area.selectionStart);
    const line = before.split("\n").length;
    told.textContent = `line ${line}, column ${before.length - before.lastIndexOf("\n")}`;
  };
  for (const event of ["keyup", "click", "input", "focus"]) area.addEventListener(event, tell);
  form.addEventListener("click", (event) => {
    const place = event.target.closest("[data-line]");
    if (!place) return;
    const { line, column, length } = place.dataset;
    const start = offsetOf(area.value, Number(line), Number(column));
    area.focus();
    area.setSelectionRange(start, start + Number(length));
    const height = area.scrollHeight / area.value.split("\n").length;
    area.scrollTop = Math.max(0, (Number(line) - 6) * height);
    tell();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.querySelector("[value=check]").click();
  });
  let isDirty = false;
  area.addEventListener("input", () => { isDirty = true; });
  form.addEventListener("submit", () => { isDirty = false; });
  addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
}

function live(button) {
  const show = (on) => {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Stop refreshing" : "Keep it fresh";
  };
  const isOn = () => sessionStorage.getItem(LIVE) === "on";
  const isBusy = () => document.activeElement?.closest("form") || document.hidden;
  button.hidden = false;
  show(isOn());
  button.addEventListener("click", () => {
    sessionStorage.setItem(LIVE, isOn() ? "off" : "on");
    show(isOn());
  });
  setInterval(() => { if (isOn() && !isBusy()) location.reload(); }, REFRESH_MS);
}

for (const form of document.querySelectorAll("[data-editor]")) editor(form);
for (const button of document.querySelectorAll("[data-live]")) live(button);
if (document.querySelector("[data-running]")) setTimeout(() => location.reload(), RUNNING_MS);
