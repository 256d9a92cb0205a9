// Puts a proof of work into a form:
//   <div data-captcha data-task='{"parameters": ..., "signature": ...}' data-name="captcha">
//     <noscript>This page needs JavaScript to tell people from programs.</noscript>
//   </div>
// It starts when somebody begins to fill in the form, or with its button, or at the latest when
// the form is sent; the answer travels in a hidden field. `captcha:solved` tells who wants to know.

import { solve } from "./solver.js";

// Trusted Types let a worker start from this one address of ours and from no other.
const SOLVER = new URL("./solver.js", import.meta.url).href;
const policy = globalThis.trustedTypes?.createPolicy("captcha", {
  createScriptURL(address) {
    if (address !== SOLVER) throw new TypeError("Only the solver may run as a worker.");
    return address;
  },
});

const TEXTS = {
  start: "I am not a robot",
  stop: "Stop",
  busy: "Checking. You may fill in the form meanwhile.",
  again: "Try again",
  idle: "",
  done: "Done: you may go on.",
  stopped: "Stopped.",
};

function element(name, attributes) {
  return Object.assign(document.createElement(name), attributes);
}

function build(box) {
  const button = element("button", { type: "button", textContent: TEXTS.start });
  const bar = element("progress", { max: 1, value: 0, hidden: true });
  bar.setAttribute("aria-label", "Checking that you are not a robot");
  const status = element("span", { textContent: TEXTS.idle });
  status.setAttribute("role", "status");
  const field = element("input", { type: "hidden", name: box.dataset.name || "captcha" });
  box.append(button, " ", bar, " ", status, field);
  return { button, bar, status, field };
}

function startWorker() {
  try {
    return new Worker(policy ? policy.createScriptURL(SOLVER) : SOLVER, { type: "module" });
  } catch {
    return null; // another site's page may forbid it: the browser computes beside the page anyway
  }
}

// The payload that answers a task, computed in a worker so that the page stays free.
function solveAside(task, { signal, onProgress }) {
  const worker = startWorker();
  if (!worker) return solve(task, { signal, onProgress });
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    worker.addEventListener("message", ({ data }) => {
      if (data.payload) resolve(data.payload);
      else if (data.trouble) reject(new Error(data.trouble));
      else onProgress(data.chance);
    });
    worker.addEventListener("error", () => resolve(solve(task, { signal, onProgress })));
    worker.postMessage(task);
  }).finally(() => worker.terminate());
}

class Captcha {
  constructor(box) {
    this.box = box;
    this.task = JSON.parse(box.dataset.task);
    Object.assign(this, build(box));
    this.button.addEventListener("click", () => this.onClick());
    this.form = box.closest("form");
    this.form?.addEventListener("focusin", (event) => {
      if (!this.running && !box.contains(event.target)) this.run();
    });
    this.form?.addEventListener("submit", (event) => this.onSubmit(event));
    if (this.form?.contains(document.activeElement)) this.run(); // focused before we came
  }

  onClick() {
    if (this.stopper) this.stopper.abort();
    else if (!this.field.value) this.run();
  }

  run() {
    this.running = this.attempt();
    return this.running;
  }

  async attempt() {
    this.stopper = new AbortController();
    this.show(TEXTS.stop, TEXTS.busy, true);
    try {
      const onProgress = (chance) => (this.bar.value = chance);
      this.field.value = await solveAside(this.task, { signal: this.stopper.signal, onProgress });
      this.show("", TEXTS.done, false);
      this.button.setAttribute("aria-disabled", "true"); // hidden, it would take the focus along
      this.box.dispatchEvent(new CustomEvent("captcha:solved", { bubbles: true }));
    } catch (error) {
      this.show(TEXTS.again, error.name === "AbortError" ? TEXTS.stopped : error.message, false);
    } finally {
      this.stopper = null;
    }
  }

  show(label, text, isBusy) {
    this.button.textContent = label || TEXTS.start;
    this.bar.hidden = !isBusy;
    this.status.textContent = text;
  }

  async onSubmit(event) {
    if (this.field.value) return;
    event.preventDefault();
    const { submitter } = event;
    await (this.stopper ? this.running : this.run());
    if (this.field.value) this.form.requestSubmit(submitter);
  }
}

for (const box of document.querySelectorAll("[data-captcha]")) new Captcha(box);
