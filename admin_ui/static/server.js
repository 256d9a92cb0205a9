// Talks to our own server, and is the only place where text becomes HTML: a page's other scripts
// hand in an address, never markup.

const policy = globalThis.trustedTypes?.createPolicy("desk", { createHTML: (html) => html });
const PIECE = "text/html; charset=utf-8; piece";
const LONGEST_WAIT = 15_000;

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.problem ?? "That did not work.");
    Object.assign(this, { status, answer });
  }
}

const csrf = () => document.querySelector("input[name=csrf]")?.value ?? "";

async function ask(path, options) {
  const signal = AbortSignal.timeout(LONGEST_WAIT);
  const answer = await fetch(path, { signal, redirect: "manual", ...options });
  if (answer.type !== "opaqueredirect") return answer;
  location.assign("/desk/sign-in");
  throw new TypeError("The session has ended.");
}

// A piece of a page that the server made, as nodes. Raises `Refused`, or `TypeError` when nobody answers.
export async function piece(path) {
  const answer = await ask(path, { headers: { Accept: PIECE } });
  if (!answer.ok || answer.headers.get("X-Desk-Piece") !== "1") throw new Refused(answer.status, {});
  const html = await answer.text();
  const holder = document.createElement("template");
  holder.innerHTML = policy ? policy.createHTML(html) : html;
  for (const odd of holder.content.querySelectorAll("script, iframe, object, embed, base")) odd.remove();
  return holder.content;
}

export function form(fields) {
  const body = new FormData();
  body.append("csrf", csrf());
  for (const [name, value] of Object.entries(fields))
    for (const each of [value].flat()) body.append(name, each);
  return body;
}

// Send a form; the answer as JSON. Raises `Refused`, or `TypeError` when nobody answers.
export async function post(path, fields) {
  const body = fields instanceof FormData ? fields : form(fields);
  const headers = { Accept: "application/json" };
  const answer = await ask(path, { method: "POST", body, headers });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said);
  return said;
}
