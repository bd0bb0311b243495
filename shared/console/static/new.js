// The form of a new story: checks as files are chosen, a recording, a preview, then everything up and on to the story.
import { ask, say, tell } from "./ask.js";
import * as check from "./check.js";
import { Recorder } from "./record.js";
import { endingOf, row, upload } from "./upload.js";

const form = document.getElementById("start");
const fields = form.elements;
const parent = document.getElementById("parent");
const preview = document.getElementById("preview");
const trouble = document.getElementById("trouble");
const wrong = new Set();
let recorded = null;

function found(name, problem) {
  const place = form.querySelector(`[data-for="${name}"]`);
  place.hidden = !problem;
  if (problem) say(place, ...problem);
  if (problem) wrong.add(name);
  else wrong.delete(name);
}

fields.film.addEventListener("change", async () => {
  const file = fields.film.files[0];
  const limits = { mb: Number(form.dataset.filmMb), seconds: Number(form.dataset.filmS) };
  if (file) found("film", await check.film(file, preview.querySelector("video"), limits));
});
fields.photo.addEventListener("change", async () => {
  const file = fields.photo.files[0];
  if (file) found("photo", await check.photo(file));
});
fields.voice.addEventListener("change", async () => {
  recorded = null;
  const file = fields.voice.files[0];
  if (file) found("voice", await check.voice(file));
});

// --- recording
const button = document.getElementById("record");
const level = document.getElementById("level");
const seconds = document.getElementById("seconds");
const heard = document.getElementById("heard");
const recorder = new Recorder(form.dataset.recorder, (loudness, length) => {
  level.value = loudness;
  seconds.textContent = `${length.toFixed(0)} s`;
});

async function stop() {
  if (button.getAttribute("aria-pressed") !== "true") return;
  button.setAttribute("aria-pressed", "false");
  say(button, "重新录音", "Record again");
  recorded = await recorder.stop();
  heard.src = URL.createObjectURL(recorded);
  heard.hidden = false;
  found("voice", await check.voice(recorded));
}

button.addEventListener("click", async () => {
  if (button.getAttribute("aria-pressed") === "true") {
    await stop();
    return;
  }
  try {
    await recorder.start(stop);
    button.setAttribute("aria-pressed", "true");
    say(button, "停止", "Stop");
  } catch {
    found("voice", ["没有麦克风，或没有允许使用。请上传录音。", "There is no microphone, or it may not be used. Please upload a recording."]);
  }
});

// --- who, and where
const readers = [...form.querySelectorAll("[data-reader]")];

function own() {
  if (fields.narrator.value !== "") return fields.narrator.value;
  return fields.keep.checked ? fields.label.value : "";
}

function arrange() {
  parent.hidden = fields.narrator.value !== "";
  for (const reader of readers) {
    reader.hidden = reader.dataset.reader === fields.narrator.value;
    reader.querySelector("input").hidden = reader.querySelector("select").value !== "lines";
  }
}
form.addEventListener("change", arrange);

// Numbers of captions, however they are told apart; null for anything else.
function numbers(text) {
  const parts = text.split(/[\s,，、;；]+/).filter(Boolean);
  return parts.every((part) => /^[1-9]\d{0,4}$/.test(part)) ? parts.map(Number) : null;
}

// Who reads what; undefined after a word about what is wrong with it.
function cast() {
  const parts = { turns: [], lines: {}, original: numbers(fields.original.value) };
  for (const reader of readers.filter((one) => !one.hidden)) {
    const part = reader.querySelector("select").value;
    if (part === "turns") parts.turns.push(reader.dataset.reader);
    if (part === "lines") parts.lines[reader.dataset.reader] = numbers(reader.querySelector("input").value);
  }
  const given = [parts.original, ...Object.values(parts.lines)];
  const all = given.flat();
  let problem = null;
  if (Object.values(parts.lines).some((one) => one && !one.length)) problem = ["请写上字幕的编号。", "Please write the numbers of the captions."];
  if (given.includes(null)) problem = ["字幕编号要像这样：2, 4, 7", "Numbers of captions look like this: 2, 4, 7"];
  else if (new Set(all).size < all.length) problem = ["同一条字幕只能分配一次。", "A caption can be given out once only."];
  else if (parts.turns.length && !own()) problem = ["轮流读时，请保存这位家长并起个名字。", "For taking turns, keep this parent under a name."];
  found("cast", problem);
  if (problem) document.getElementById("cast").open = true;
  wrong.delete("cast");
  return problem ? undefined : parts;
}
form.addEventListener("input", () => {
  preview.dataset.corner = fields.corner.value;
  preview.querySelector(".portrait").style.setProperty("--size", fields.portrait_size.value);
});

// --- up
function chosen() {
  const isKept = fields.narrator.value !== "";
  const files = { film: fields.film.files[0], captions: fields.captions.files[0], music: fields.music.files[0] };
  if (!isKept) Object.assign(files, { photo: fields.photo.files[0], voice: recorded ?? fields.voice.files[0] });
  return Object.entries(files).filter(([, file]) => file);
}

function missing(files) {
  const names = new Set(files.map(([asset]) => asset));
  const wanted = fields.narrator.value === "" ? ["film", "voice", "photo"] : ["film"];
  const lacks = wanted.filter((asset) => !names.has(asset));
  for (const asset of lacks) found(asset, ["还缺这个文件。", "This file is still missing."]);
  return lacks.length > 0;
}

function asked(files, parts) {
  const isKept = fields.narrator.value !== "";
  const label = own();
  return {
    options: {
      language: fields.language.value,
      corner: fields.corner.value,
      portrait_size: Number(fields.portrait_size.value),
      burn_captions: fields.burn_captions.checked,
      listen: fields.listen.checked,
    },
    cast: parts,
    narrator: label ? { label, is_new: !isKept } : null,
    consent: { who: fields.who.value, voice: fields.voice_tick.checked, face: fields.face.checked, adult: fields.adult.checked },
    files: files.map(([asset, file]) => ({ asset, extension: endingOf(file), size: file.size })),
  };
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  const files = chosen();
  const parts = cast();
  if (missing(files) || wrong.size || !parts) return;
  const send = form.querySelector("[type=submit]");
  send.disabled = true;
  try {
    const { job, tickets } = await ask("/stories", asked(files, parts));
    const list = document.getElementById("uploads");
    // The film last: as soon as all is there the story begins.
    const byName = new Map(files);
    const small = tickets.filter((ticket) => ticket.asset !== "film");
    const film = tickets.filter((ticket) => ticket.asset === "film");
    for (const ticket of [...small, ...film]) {
      await upload(job, ticket, byName.get(ticket.asset), row(list, byName.get(ticket.asset).name));
    }
    location.assign(`/stories/${job}`);
  } catch (error) {
    tell(trouble, error);
    send.disabled = false;
  }
});

// What was chosen before this script had loaded is looked at now; until now nothing could be sent.
for (const input of form.querySelectorAll("[type=file]")) if (input.files.length) input.dispatchEvent(new Event("change"));
form.dispatchEvent(new Event("input"));
arrange();
form.querySelector("[type=submit]").disabled = false;
