// The threshold's slider: shows at once what the form would show after a round trip.

const section = document.querySelector("[data-tuning]");
if (section) follow(section);

function follow(section) {
  const points = JSON.parse(section.dataset.tuning);
  const wrongCosts = Number(section.dataset.wrongCosts);
  const missedCosts = Number(section.dataset.missedCosts);
  const form = section.querySelector("form.tuning");
  const follower = section.querySelector("[data-follows=threshold]");
  const show = (name, text) => {
    for (const place of section.querySelectorAll(`[data-shows=${name}]`)) place.textContent = text;
  };

  const tell = () => {
    const threshold = Number(form.elements.threshold.value);
    const prevalence = Number(form.elements.prevalence.value);
    if (!(prevalence > 0 && prevalence < 1)) return;
    const bins = points.recall.length - 1;
    const place = Math.min(bins, Math.max(0, Math.round(threshold * bins)));
    const caught = prevalence * points.recall[place];
    const wrong = (1 - prevalence) * points.wrong[place];
    show("threshold", threshold.toFixed(3));
    show("recall", share(points.recall[place], 1));
    show("wrong", share(points.wrong[place], 2));
    show("precision", caught + wrong ? share(caught / (caught + wrong), 1) : "–");
    show("cost", (1000 * (wrongCosts * wrong + missedCosts * (prevalence - caught))).toFixed(1));
    if (follower) follower.value = threshold.toFixed(3);
  };
  form.addEventListener("input", tell);
}

function share(value, digits) {
  return `${(100 * value).toFixed(digits)} %`;
}
