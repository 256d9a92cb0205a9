// Solves a proof of work in ALTCHA's format. Loaded as a worker it takes a task as a message and
// answers with messages; whoever cannot start a worker calls `solve` in the page itself.

const ALGORITHM = "PBKDF2/SHA-256";
const AT_ONCE = Math.max(2, Math.min(8, globalThis.navigator?.hardwareConcurrency ?? 2));

const toBytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (buffer) =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function derive({ nonce, salt, cost, keyLength }, counter) {
  const start = toBytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(salt), iterations: cost };
  return toHex(await subtle.deriveBits(how, key, keyLength * 8));
}

// The payload that answers a task: what `POST .../proof` and `/v1/captchas/verify` want.
// `onProgress` is told the chance that somebody is done by now, from 0 to 1. `signal` stops it.
export async function solve(task, { signal, onProgress } = {}) {
  const { parameters } = task;
  if (!globalThis.crypto?.subtle) throw new Error("This needs a page that was opened over HTTPS.");
  if (parameters.algorithm !== ALGORITHM) throw new Error("This task cannot be solved here.");
  const prefix = parameters.keyPrefix.toLowerCase();
  const tries = 16 ** prefix.length;
  const began = performance.now();
  for (let first = 0; ; first += AT_ONCE) {
    signal?.throwIfAborted();
    const counters = Array.from({ length: AT_ONCE }, (_, next) => first + next);
    const keys = await Promise.all(counters.map((counter) => derive(parameters, counter)));
    const hit = keys.findIndex((key) => key.startsWith(prefix));
    if (hit >= 0) {
      const time = Math.round(performance.now() - began);
      const solution = { counter: counters[hit], derivedKey: keys[hit], time };
      return btoa(JSON.stringify({ challenge: task, solution }));
    }
    onProgress?.(1 - Math.exp(-(first + AT_ONCE) / tries));
  }
}

if (globalThis.WorkerGlobalScope && globalThis instanceof WorkerGlobalScope) {
  addEventListener("message", async ({ data }) => {
    try {
      const onProgress = (chance) => postMessage({ chance });
      postMessage({ payload: await solve(data, { onProgress }) });
    } catch (error) {
      postMessage({ trouble: error.message });
    }
  });
}
