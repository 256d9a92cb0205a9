// Many rows at once: selected one by one or as a range, and counted in the foot of the list.

const isOn = (row) => row.querySelector("input").checked;
let last = null;

export function select(all, row, isRange) {
  if (!row) return;
  const to = all.indexOf(row);
  const from = isRange && last ? all.indexOf(last) : to;
  const on = isRange || !isOn(row);
  for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.querySelector("input").checked = on;
  last = row;
  count(all);
}

export function count(all) {
  const chosen = all.filter(isOn).length;
  const foot = document.querySelector("[data-many]");
  foot.querySelector("b").textContent = chosen;
  foot.hidden = !chosen;
}
