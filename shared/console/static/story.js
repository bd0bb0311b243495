// One story. Its status is an object in the bucket: looking at it keeps no function busy, and a sleeping phone misses
// nothing. When the address of the status has expired, or the story has ended, the page is loaded anew.
import { ask, say, tell } from "./ask.js";
import { endingOf, remembered, row, upload } from "./upload.js";

const LOOK_MS = 4000;
const story = document.getElementById("story");
const { job, status: address } = story.dataset;
const trouble = document.getElementById("trouble");
const NEWS = new Set(["asked", "done", "refused", "failed", "cancelled", "erased"]);
const shown = new Set();

// --- while it is made
function words(since) {
  const minutes = Math.max(0, Math.round((Date.now() / 1000 - since) / 60));
  return minutes ? [`已 ${minutes} 分钟`, `for ${minutes} min`] : ["刚开始", "just begun"];
}

function line(step) {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.className = step.awaits ? "mark busy" : "mark";
  mark.textContent = step.mark;
  mark.setAttribute("aria-hidden", "true");
  const name = document.createElement("span");
  const count = step.total > 1 ? ` ${step.done}/${step.total}` : "";
  say(name, step.zh + count, step.en);
  item.append(mark, " ", name);
  if (step.awaits) {
    const awaits = document.createElement("span");
    awaits.className = "awaits";
    const [zh, en] = words(step.since_at);
    say(awaits, zh, `${step.awaits}, ${en}`);
    item.append(awaits);
  }
  return item;
}

function forecast(told) {
  const said = document.getElementById("said");
  if (told.state === "collecting") say(said, "等文件到齐。", "Waiting for all files.");
  else if (told.forecast) {
    const minutes = Math.max(1, Math.round(told.forecast.seconds / 60));
    const others = told.forecast.others;
    say(said, `人像还要约 ${minutes} 分钟，前面有别人的 ${others} 段。`, `About ${minutes} min for the portrait; ${others} clips of others come before.`);
  } else if (told.state === "asked" && told.taste) say(said, "试听做好了。点“喜欢”之前不再花钱。", "The taste is ready: nothing more is paid for before your yes.");
  else if (told.state === "asked") say(said, "请看看费用。点“好”之前不花钱。", "Please look at the cost: nothing is paid for before your yes.");
  else if (told.state === "open") say(said, "正在制作。可以关掉页面，之后再来看。", "Being made. You may close this page and come back.");
}

function clips(items) {
  const section = document.getElementById("clips");
  for (const item of items.filter((name) => !shown.has(name))) {
    shown.add(item);
    const clip = document.createElement("video");
    Object.assign(clip, { controls: true, preload: "none", playsInline: true, src: `/stories/${job}/clips/${item}` });
    clip.setAttribute("aria-label", `人像 clip ${Number(item)}`);
    section.querySelector("div").append(clip);
    section.hidden = false;
  }
}

async function look() {
  if (document.hidden) return;
  let told;
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.status === 403) location.reload(); // the address has expired
    if (!answer.ok) return;
    told = await answer.json();
  } catch {
    return; // no connection: look again later
  }
  if (told.state !== story.dataset.state && [told.state, story.dataset.state].some((state) => NEWS.has(state))) {
    location.reload();
    return;
  }
  document.getElementById("steps").replaceChildren(...told.steps.map(line));
  document.getElementById("again").hidden = told.opened_at > 0 || !["collecting", "refused"].includes(told.state);
  forecast(told);
  clips(told.clips);
}

if (document.getElementById("steps")) {
  look();
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
}

// --- a file once more
document.getElementById("replace")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  const { asset, file: input } = event.target.elements;
  const file = input.files[0];
  if (!file) return;
  try {
    const before = remembered(job, asset.value);
    const isSame = before && before.bytes === file.size && before.changed === file.lastModified;
    const ticket = isSame ? before.ticket : await ask(`/stories/${job}/files`, { asset: asset.value, extension: endingOf(file), size: file.size });
    await upload(job, ticket, file, row(document.getElementById("uploads"), file.name));
    look();
  } catch (error) {
    tell(trouble, error);
  }
});

// --- when it is done
for (const button of document.querySelectorAll("[data-at]")) {
  button.addEventListener("click", () => {
    const film = document.getElementById("film");
    film.currentTime = Number(button.dataset.at);
    film.play();
  });
}
document.getElementById("share")?.addEventListener("click", async () => {
  try {
    const { path } = await ask(`/stories/${job}/share`);
    const link = new URL(path, location.href).href;
    document.getElementById("link").textContent = link;
    await navigator.clipboard?.writeText(link).catch(() => {});
  } catch (error) {
    tell(trouble, error);
  }
});

// --- the yes
for (const [name, wish] of [["yes", {}], ["first", { taste: true }]]) {
  document.getElementById(name)?.addEventListener("click", async () => {
    const buttons = document.querySelectorAll("#yes, #first");
    for (const button of buttons) button.disabled = true;
    try {
      await ask(`/stories/${job}/yes`, wish);
    } catch (error) {
      for (const button of buttons) button.disabled = false;
      tell(trouble, error);
    }
  });
}

// --- no more
document.getElementById("cancel")?.addEventListener("click", async () => {
  try {
    await ask(`/stories/${job}/cancel`);
    location.reload();
  } catch (error) {
    tell(trouble, error);
  }
});
document.getElementById("erase").addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  try {
    const receipt = await ask(`/stories/${job}/erase`, { confirm: event.target.elements.confirm.value.trim() });
    const place = document.getElementById("receipt");
    place.textContent = Object.entries(receipt.deleted).map(([name, count]) => `${count} ${name}`).join("\n");
    place.hidden = false;
  } catch (error) {
    tell(trouble, error);
  }
});
