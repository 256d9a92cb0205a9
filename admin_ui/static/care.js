// Care for whoever looks: how much of the hard kind was seen within the hour, and for how long
// somebody has worked without a pause. It stays in this browser: nobody else can read it.

const HOUR = 3_600_000;
const PAUSE = 5 * 60_000;
const KEPT = "desk-care";

const read = () => ({ seen: [], since: Date.now(), last: Date.now(), ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") });
const write = (state) => localStorage.setItem(KEPT, JSON.stringify(state));

export function start(work, panes, say) {
  const budget = Number(work.dataset.budget);
  const minutes = Number(work.dataset.break);
  const dialog = document.getElementById("pause");
  if (!dialog || !panes) return;

  function suggest(why, state) {
    dialog.querySelector("[data-why]").textContent = why;
    write({ ...state, seen: [], since: Date.now() });
    dialog.showModal();
  }

  function note(isHard) {
    const now = Date.now();
    const state = read();
    if (now - state.last > PAUSE) state.since = now; // there was a pause
    state.last = now;
    state.seen = state.seen.filter((at) => now - at < HOUR);
    if (isHard) state.seen.push(now);
    write(state);
    if (budget && state.seen.length >= budget)
      suggest(`You have looked at ${state.seen.length} hard items within the hour.`, state);
    else if (minutes && now - state.since > minutes * 60_000)
      suggest(`You have worked for ${minutes} minutes without a pause.`, state);
  }

  document.addEventListener("desk:shown", () => note(false));
  panes.addEventListener("toggle", ({ target }) => target.matches(".veil") && target.open && note(true), true);
}
