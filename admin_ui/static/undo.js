// Taking back, the latest first: quietly while nobody was told, with a reason and as a decision later.

import { post } from "./server.js";

const done = [];
let desk = null;

export const start = (given) => (desk = given);

export function offer(what) {
  done.push({ ...what, at: Date.now() });
  tick();
}

const left = (each) => Math.ceil(((each.seconds ?? 0) * 1000 - (Date.now() - each.at)) / 1000);

export async function take(isBusy) {
  const { say, restore } = desk;
  const what = done.pop();
  if (!what?.path) return say(isBusy ? "Still being saved." : "Nothing to undo here.", "warn");
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

// Too late for a quiet undo: say why, and decide anew.
function reverse(what) {
  const dialog = document.getElementById("reverse");
  dialog.querySelector("[name=id]").value = what.id;
  dialog.addEventListener("close", () => dialog.returnValue === "sent" || done.push(what), { once: true });
  dialog.showModal();
}

function tick() {
  const button = desk.work.querySelector("[data-undo]");
  const what = done.at(-1);
  button.hidden = !what?.path;
  if (!what?.path) return;
  const seconds = left(what);
  button.querySelector("span").textContent = seconds > 0 ? `Undo (${seconds} s)` : what.reverse ? "Reverse…" : "Undo";
  if (seconds > 0) setTimeout(() => what === done.at(-1) && tick(), 1000);
}
