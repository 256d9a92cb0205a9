// The place of work: one item after the other by keyboard, ahead of the network. A decision shows at
// once and is sent behind it; what could not be sent is kept and sent again, under the same key.

import { start as care } from "./care.js";
import { ask as choose, last as lastPolicy } from "./choose.js";
import { bind, run, showHints } from "./keys.js";
import * as leases from "./leases.js";
import * as outbox from "./outbox.js";
import { count, select } from "./select.js";
import { Refused, form, piece, post } from "./server.js";
import * as undo from "./undo.js";

const work = document.querySelector("[data-work]");
const list = work.querySelector(".rows");
const panes = document.getElementById("panes");
const AGAIN = 3000;

const seen = new Map(); // what was loaded, by item
const jobs = new Set(); // what is on its way

const rows = () => [...(list?.querySelectorAll(".row") ?? [])];
const current = () => list?.querySelector(".row[aria-current]");
const shown = () => panes?.querySelector("[data-item]");
const isBeside = () => list && panes && getComputedStyle(panes).display !== "none";
const isFree = (row) => !row.dataset.state && !row.dataset.holder;
const token = () => [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");

export function say(text, tone = "") {
  const line = document.getElementById("said");
  if (!line) return;
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
  if (!row) return; // it is on another page of the list by now
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
  outbox.keep(job);
  send(job);
  leases.drop(row.dataset.item);
  advance(row);
}

function send(job) {
  jobs.add(job);
  mark(job.row, "sent", job.text, job.isTaken);
  deliver(job);
}

// What an earlier page could not send any more. To send it twice decides nothing twice.
function resume() {
  for (const { path, fields, text, isTaken } of outbox.unsent()) {
    const body = form({});
    for (const [name, value] of fields) body.append(name, value);
    send({ row: rows().find((row) => path.includes(`/${row.dataset.item}/`)), path, body, text, isTaken });
  }
}

async function deliver(job) {
  try {
    const answer = await post(job.path, job.body);
    jobs.delete(job);
    outbox.drop(job.body);
    mark(job.row, "done", `✓ ${job.text}`, job.isTaken);
    leases.keep(answer.held ?? {});
    leases.lose(answer.taken ?? {}, rows());
    if (answer.undo && job.row) undo.offer({ ...answer.undo, row: job.row });
    say(answer.said, "good");
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
  outbox.drop(job.body);
  delete work.dataset.over;
  seen.delete(job.row?.dataset.item);
  const isGone = status === 409 && answer.by;
  mark(job.row, isGone ? "gone" : "", isGone ? answer.by : "");
  say(answer.problem ?? "That did not work. Nothing was changed.", "bad");
  if (!isGone && job.row) show(job.row);
}

function restore(row) {
  mark(row, "", "");
  seen.delete(row.dataset.item);
  show(row);
}

// Forms in dialogs: what they say becomes an act, or goes to the server as it is where there is no list.
function open(id) {
  const dialog = document.getElementById(id);
  dialog?.querySelector("form").reset();
  dialog?.showModal();
}

function onSubmit(event) {
  const { target, submitter } = event;
  if ("leaves" in target.dataset && jobs.size && !target.dataset.warned) {
    event.preventDefault();
    target.dataset.warned = "yes";
    return say(`${jobs.size} not saved yet. Sign out once more to give them up.`, "warn");
  }
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

function toggle(selector) {
  const part = shown()?.querySelector(selector);
  if (!part) return;
  part.open = !part.open;
  if (part.open) part.scrollIntoView({ block: "nearest" });
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
if (list) bind("undo", () => undo.take(jobs.size > 0));
bind("veil", () => toggle(".veil"));
bind("thread", () => toggle(".thread"));
bind("account", follow("[data-account]"));
bind("context", follow("[data-record]"));
bind("similar", follow("[data-similar]"));
bind("learn", follow("[data-learn]"));
bind("link", copy);
bind("extend", () => leases.pulse(true));
if (list) {
  bind("select", ({ shift }) => select(rows(), current(), shift));
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
list?.addEventListener("change", () => count(rows()));
// Only what could not be kept is lost with the page.
addEventListener("beforeunload", (event) => [...jobs].every(({ body }) => outbox.isPlain(body)) || event.preventDefault());
document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (event.key === "Enter" && event.ctrlKey && area.matches?.("textarea")) area.form.requestSubmit();
});

if (list) count(rows());
undo.start({ work, restore, say });
care(work, panes, say);
if (isBeside() && shown()) {
  const first = rows().find((row) => row.dataset.item === shown().dataset.item);
  seen.set(shown().dataset.item, Promise.resolve([...panes.children]));
  leases.start({ work, rows, shown, upcoming, say });
  resume();
  if (first?.dataset.state) advance(first);
  else show(first);
} else resume();
work.dataset.ready = "yes";
