// What the server has not heard of yet outlives the page: which item, what is to happen to it and under
// which policy, never a word that anybody wrote. It is sent at the next visit, under the same key and by
// the same person only, and forgotten when they sign out.

const out = document.querySelector("[data-leaves]");
const KEPT = `desk-unsent:${out?.dataset.leaves ?? ""}`;
const PLAIN = new Set(["version", "key", "action", "policy", "label", "lasts", "delay", "spread"]);
const WORDS = ["note", "message", "reason"];

export const unsent = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");

function write(all) {
  if (all.length) localStorage.setItem(KEPT, JSON.stringify(all));
  else localStorage.removeItem(KEPT);
}

// Whether it can be kept: what somebody wrote for others stays in the page that they wrote it on.
export const isPlain = (body) => !WORDS.some((name) => body.get(name));

export function keep({ path, body, text, isTaken }) {
  if (!isPlain(body)) return;
  const fields = [...body].filter(([name, value]) => PLAIN.has(name) && value !== "");
  write([...unsent(), { key: body.get("key"), path, fields, text, isTaken }]);
}

export const drop = (body) => write(unsent().filter((each) => each.key !== body.get("key")));

// Heard last, after whoever asks whether somebody really wants to go.
addEventListener("submit", (event) => event.target === out && !event.defaultPrevented && write([]));
