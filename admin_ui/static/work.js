// The place of work: one item after the other by keyboard, ahead of the network. A decision shows at
// once and is sent behind it; what could not be sent is kept and sent again, under the same key.

import { start as care } from "./care.js";
import { ask as choose, last as lastPolicy } from "./choose.js";
import { bind, run, showHints } from "./keys.js";
import * as leases from "./leases.js";
import { Refused, form, piece, post } from "./server.js";

const work = document.querySelector("[data-work]");
const list = work.querySelector(".rows");
const panes = document.getElementById("panes");
const AGAIN = 3000;

const seen = new Map(); // what was loaded, by item
const jobs = new Set(); // what is on its way
const done = []; // what can be taken back, the latest last

const rows = () => [...(list?.querySelectorAll(".row") ?? [])];
const current = () => list?.querySelector(".row[aria-current]");
const shown = () => panes?.querySelector("[data-item]");
const isBeside = () => list && panes && getComputedStyle(panes).display !== "none";
const isFree = (row) => !row.dataset.state && !row.dataset.holder;
const token = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");

export function say(text, tone = "") {
  const line = document.getElementById("said");
  line.className = `said ${tone}`;
  line.textContent = text;
}

// What the forms and links below speak of: always the item that is shown.
function aim(at) {
  for (const each of document.querySelectorAll("[data-for]")) {
    const path = `/desk/items/${at.dataset.item}${each.dataset.for}`;
    if (each.matches("form")) each.action = path;
    else if (each.matches("button")) each.formAction = path;
    else each.href = path + location.search;
  }
  for (const each of document.querySelectorAll("input[name=version]")) each.value = at.dataset.version;
}

function load(id) {
  if (!seen.has(id)) {
    const found = piece(`/desk/items/${id}/pane`).then((content) => [...content.children]);
    found.catch(() => seen.delete(id));
    seen.set(id, found);
  }
  return seen.get(id);
}

export async function show(row) {
  if (!row) return;
  for (const each of rows()) each.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.querySelector(".item-link").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (!isBeside()) return;
  aim(row);
  const { item } = row.dataset;
  try {
    const nodes = await load(item);
    if (current() !== row) return;
    panes.replaceChildren(...nodes);
    aim(shown());
    showHints();
    leases.tell();
    panes.firstElementChild.scrollTop = 0;
    document.dispatchEvent(new Event("desk:shown"));
  } catch (error) {
    panes.replaceChildren();
    say(error instanceof Refused ? "This item is not here any more." : "No connection. Try again.", "bad");
  }
  const following = after(row);
  if (following) load(following.dataset.item).catch(() => {});
}

const after = (row) => rows().slice(rows().indexOf(row) + 1).find(isFree);

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  show(all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))]);
}

function mark(row, state, text, isTaken = false) {
  row.dataset.state = state;
  row.classList.toggle("decided", state !== "");
  row.classList.toggle("took", isTaken);
  row.classList.toggle("unsaved", state === "unsaved");
  row.querySelector(".row-mark").textContent = text;
}

// The next one, and a few that are held for us while we read it.
function upcoming(row) {
  return rows().filter((each) => each !== row && isFree(each) && !leases.has(each.dataset.item)).slice(0, 2);
}

function advance(row) {
  const next = after(row) ?? rows().find(isFree);
  if (next) show(next);
  else if (!jobs.size) location.reload();
  else work.dataset.over = "yes";
}

// Do something about the item that is shown: at once here, and on the server as soon as it hears.
function act(path, fields, { text, isTaken = false }) {
  const row = current();
  if (!row) return;
  if (row.dataset.state) return say("This is decided. Undo it first.", "warn");
  if (shown()?.dataset.item !== row.dataset.item) return say("Still loading.", "warn");
  const body = form(fields);
  body.set("version", shown().dataset.version);
  body.set("key", token());
  for (const each of upcoming(row)) body.append("hold", each.dataset.item);
  const job = { row, path: `/desk/items/${row.dataset.item}${path}`, body, text, isTaken };
  jobs.add(job);
  mark(row, "sent", text, isTaken);
  leases.drop(row.dataset.item);
  deliver(job);
  advance(row);
}

async function deliver(job) {
  try {
    const answer = await post(job.path, job.body);
    jobs.delete(job);
    mark(job.row, "done", `✓ ${job.text}`, job.isTaken);
    leases.keep(answer.held ?? {});
    leases.lose(answer.taken ?? {}, rows());
    if (answer.undo) done.push({ ...answer.undo, row: job.row, at: Date.now() });
    say(answer.said, "good");
    tick();
    if (work.dataset.over && !jobs.size) location.reload();
  } catch (error) {
    if (error instanceof Refused && error.status < 500 && error.status !== 429) return refused(job, error);
    mark(job.row, "unsaved", "not saved yet");
    say(`No connection: ${jobs.size} not saved yet. They are sent again by themselves.`, "warn");
    setTimeout(() => deliver(job), AGAIN);
  }
}

function refused(job, { status, answer }) {
  jobs.delete(job);
  delete work.dataset.over;
  seen.delete(job.row.dataset.item);
  const isGone = status === 409 && answer.by;
  mark(job.row, isGone ? "gone" : "", isGone ? answer.by : "");
  say(answer.problem ?? "That did not work. Nothing was changed.", "bad");
  if (!isGone) show(job.row);
}

const left = (each) => Math.ceil(((each.seconds ?? 0) * 1000 - (Date.now() - each.at)) / 1000);

async function undo() {
  const what = done.pop();
  if (!what?.path) return say(jobs.size ? "Still being saved." : "Nothing to undo here.", "warn");
  if (left(what) <= 0 && what.reverse) return reverse(what);
  try {
    const answer = await post(what.path, { id: what.id ?? "" });
    restore(what.row);
    say(answer.said, "good");
  } catch (error) {
    if (error.status === 409 && what.reverse) return reverse(what);
    done.push(what);
    say(error.answer?.problem ?? "No connection. Nothing was undone.", "bad");
  }
  tick();
}

function restore(row) {
  mark(row, "", "");
  seen.delete(row.dataset.item);
  show(row);
}

// Too late for a quiet undo: say why, and decide anew.
function reverse(what) {
  const dialog = document.getElementById("reverse");
  dialog.querySelector("[name=id]").value = what.id;
  dialog.addEventListener("close", () => dialog.returnValue === "sent" || done.push(what), { once: true });
  dialog.showModal();
}

function tick() {
  const button = work.querySelector("[data-undo]");
  const what = done.at(-1);
  button.hidden = !what?.path;
  if (!what?.path) return;
  const seconds = left(what);
  button.querySelector("span").textContent = seconds > 0 ? `Undo (${seconds} s)` : what.reverse ? "Reverse…" : "Undo";
  if (seconds > 0) setTimeout(() => what === done.at(-1) && tick(), 1000);
}

// Forms in dialogs: what they say becomes an act, or goes to the server as it is where there is no list.
function open(id) {
  const dialog = document.getElementById(id);
  dialog?.querySelector("form").reset();
  dialog?.showModal();
}

function onSubmit(event) {
  const { target, submitter } = event;
  const { act: kind } = target.dataset;
  if (!kind || !isBeside()) return;
  event.preventDefault();
  const dialog = target.closest("dialog");
  dialog?.close("sent");
  const fields = Object.fromEntries([...new Set(new FormData(target).keys())].map((name) => [name, new FormData(target).getAll(name)]));
  if (submitter?.name) fields[submitter.name] = submitter.value;
  delete fields.csrf;
  if (kind === "note") return tell(`/desk/items/${shown().dataset.item}/note`, fields);
  if (kind === "reverse") return tell("/desk/reverse", fields);
  const how = { escalate: "escalated", snooze: "later", skip: "skipped" }[kind];
  act(`/${kind}`, fields, how ? { text: how } : choose.told(fields));
}

async function tell(path, fields) {
  try {
    const answer = await post(path, fields);
    say(answer.said, "good");
    seen.delete(shown().dataset.item);
    show(current());
  } catch (error) {
    say(error.answer?.problem ?? "No connection. Nothing was saved.", "bad");
  }
}

let lastSelected = null;

function select({ shift }) {
  const all = rows();
  const row = current();
  if (!row) return;
  const from = shift && lastSelected ? all.indexOf(lastSelected) : all.indexOf(row);
  const to = all.indexOf(row);
  const isOn = shift || !row.querySelector("input").checked;
  for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.querySelector("input").checked = isOn;
  lastSelected = row;
  count();
}

function count() {
  const chosen = rows().filter((row) => row.querySelector("input").checked).length;
  const foot = work.querySelector("[data-many]");
  foot.querySelector("b").textContent = chosen;
  foot.hidden = !chosen;
}

const follow = (selector) => () => (shown() ?? work).querySelector(selector)?.click() ?? work.querySelector(selector)?.click();
const press = (name) => work.querySelector(`button[data-run=${name}]`)?.click();

async function copy() {
  await navigator.clipboard.writeText(`${location.origin}/desk/items/${shown().dataset.item}`);
  say("Link copied.", "good");
}

bind("next", () => (isBeside() || list ? move(1) : follow("[data-next]")()));
bind("previous", () => move(-1));
bind("keep", () => (isBeside() ? act("/resolve", { action: "keep" }, { text: "kept" }) : press("keep")));
bind("remove", () => shown() && !("closed" in shown().dataset) && choose(shown()));
bind("again", () => {
  const policy = lastPolicy() || shown()?.dataset.suggested;
  if (!policy || !isBeside()) return run("remove");
  const fields = { action: ["remove"], policy: [policy] };
  act("/resolve", fields, choose.told(fields));
});
bind("escalate", () => open("escalate"));
bind("snooze", () => open("snooze"));
bind("note", () => open("note"));
bind("skip", () => (isBeside() ? act("/skip", {}, { text: "skipped" }) : press("skip")));
if (list) bind("undo", undo);
bind("veil", () => {
  const veil = shown()?.querySelector(".veil");
  if (veil) veil.open = !veil.open;
});
bind("account", follow("[data-account]"));
bind("context", follow("[data-record]"));
bind("similar", follow("[data-similar]"));
bind("learn", follow("[data-learn]"));
bind("link", copy);
bind("extend", () => leases.pulse(true));
if (list) {
  bind("select", select);
  bind("back", () => current()?.querySelector(".item-link").focus());
}

document.addEventListener("submit", onSubmit);
document.addEventListener("click", (event) => {
  const { target } = event;
  const runs = target.closest?.("[data-run]");
  const link = target.closest?.(".item-link");
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (target.closest?.("[data-closes]")) return target.closest("dialog").close("");
  if (runs && (isBeside() || runs.matches("a"))) {
    event.preventDefault();
    run(runs.dataset.run);
  } else if (link && isBeside()) {
    event.preventDefault();
    show(link.closest(".row"));
  }
});
list?.addEventListener("change", count);
addEventListener("beforeunload", (event) => jobs.size && event.preventDefault());
document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (event.key === "Enter" && event.ctrlKey && area.matches?.("textarea")) area.form.requestSubmit();
});

if (list) count();
care(work, panes, say);
if (isBeside() && shown()) {
  const first = rows().find((row) => row.dataset.item === shown().dataset.item);
  seen.set(shown().dataset.item, Promise.resolve([...panes.children]));
  leases.start({ work, rows, shown, upcoming, say });
  show(first);
}
work.dataset.ready = "yes";
