// Claims: what we hold and for how long, what others hold, and who is here. A beat every ten seconds
// while somebody works; nothing is held for a page that nobody looks at.

import { form, post } from "./server.js";

const BEAT = 10_000;
const AWAY = 3 * 60_000;
const held = new Map();
let desk = null;
let active = Date.now();

export const has = (item) => held.has(item);
export const drop = (item) => held.delete(item);

export function keep(seconds) {
  for (const [item, left] of Object.entries(seconds)) held.set(item, Date.now() + left * 1000);
  tell();
}

// What others hold is shown and passed over; it can still be looked at.
export function lose(holders, rows) {
  for (const row of rows) {
    if (row.dataset.state) continue;
    const name = holders[row.dataset.item] ?? "";
    if (name) held.delete(row.dataset.item);
    if (name === (row.dataset.holder ?? "")) continue;
    row.dataset.holder = name;
    row.classList.toggle("held", Boolean(name));
    row.querySelector(".row-mark").textContent = name && `◔ ${name}`;
  }
}

export function tell() {
  const line = desk?.shown()?.querySelector("[data-lease]");
  if (!line) return;
  const { item } = desk.shown().dataset;
  const left = Math.round(((held.get(item) ?? 0) - Date.now()) / 1000);
  if (left > 0) line.textContent = `yours for ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  else if (line.textContent.startsWith("yours")) line.textContent = "";
  line.classList.toggle("late", left > 0 && left < 60);
}

function count(queues) {
  for (const { name, waiting, late } of queues) {
    const tab = desk.work.querySelector(`[data-queue="${CSS.escape(name)}"]`);
    if (!tab) continue;
    tab.querySelector(".count").textContent = waiting;
    tab.querySelector(".late").textContent = late ? `${late} late` : "";
  }
}

export async function pulse(isActive = false) {
  if (isActive) active = Date.now();
  if (document.hidden || !desk) return;
  const isHere = Date.now() - active < AWAY;
  const open = desk.rows().filter((row) => !row.dataset.state);
  const item = desk.shown()?.dataset.item ?? "";
  const wanted = isHere ? [...new Set([item, ...held.keys()])].filter(Boolean) : [];
  try {
    const answer = await post("/desk/pulse", {
      queue: desk.work.dataset.queue,
      item,
      hold: wanted.slice(0, 20),
      see: open.slice(0, 100).map((row) => row.dataset.item),
    });
    held.clear();
    keep(answer.held);
    lose(answer.holders, desk.rows());
    count(answer.queues);
    const line = desk.work.querySelector("[data-online]");
    line.hidden = answer.online.length < 2;
    line.textContent = `${answer.online.length} here`;
    line.title = answer.online.join(", ");
    if (isActive) desk.say("The claim is renewed.", "good");
  } catch {
    // The next beat may get through; what is held ends by itself.
  }
}

export function start(given) {
  desk = given;
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (active = Date.now()), { passive: true });
  addEventListener("pagehide", () => {
    if (held.size) navigator.sendBeacon("/desk/release", form({ item: [...held.keys()] }));
  });
  addEventListener("pageshow", (event) => event.persisted && pulse());
  document.addEventListener("visibilitychange", () => pulse());
  for (const row of desk.upcoming(null).slice(0, 2)) held.set(row.dataset.item, 0);
  pulse();
  setInterval(() => pulse(), BEAT);
  setInterval(tell, 1000);
}
