// Another edition of a told story: lines are changed, the cost is asked for, and only a yes to that very change makes it.
import { ask, say, tell } from "./ask.js";

const place = document.getElementById("redo");
const { job } = place.dataset;
const form = place.querySelector("form");
const quote = document.getElementById("change-quote");
const trouble = document.getElementById("change-trouble");
const NOTHING = ["还没有改动。", "Nothing is changed yet."];
let quoted = null;

function changes() {
  const lines = {};
  for (const item of form.querySelectorAll("[data-line]")) {
    const [words, drop] = [item.querySelector("textarea"), item.querySelector("input")];
    const text = words.value.trim();
    if (drop.checked || !text) lines[item.dataset.line] = { drop: true };
    else if (text !== words.defaultValue.trim()) lines[item.dataset.line] = { text };
  }
  return lines;
}

// A change of the change is another one: what was quoted counts no more.
form.addEventListener("input", () => {
  quoted = null;
  quote.hidden = true;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  const lines = changes();
  if (!Object.keys(lines).length) {
    say(trouble, ...NOTHING);
    return;
  }
  try {
    const told = await ask(`/stories/${job}/changes/quote`, { lines });
    const cost = `${told.low_yuan} – ${told.high_yuan}`;
    say(document.getElementById("change-said"), `重读 ${told.lines} 句，重做 ${told.clips} 段人像，大约 ${cost} 元。`, `${told.lines} lines are read and ${told.clips} clips made anew: about ${cost} yuan.`);
    quoted = lines;
    quote.hidden = false;
    document.getElementById("change-yes").focus();
  } catch (error) {
    tell(trouble, error);
  }
});

document.getElementById("change-yes").addEventListener("click", async (event) => {
  if (!quoted) return;
  const button = event.target.closest("button");
  button.disabled = true;
  try {
    const told = await ask(`/stories/${job}/changes`, { lines: quoted });
    location.assign(`/stories/${told.job}`);
  } catch (error) {
    button.disabled = false;
    tell(trouble, error);
  }
});
