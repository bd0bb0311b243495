// Files go straight to the bucket. A large one goes in parts; what has arrived is asked for, so that an upload goes on
// after a lost line, a closed page or a sleeping phone.
import { ask, Problem } from "./ask.js";

const AT_ONCE = 3;
const TRIES = 5;
const WAIT_MS = 1500;

export function endingOf(file) {
  return file.name.toLowerCase().split(".").pop();
}

export async function upload(job, ticket, file, progress) {
  if (ticket.form) await post(ticket.form, file, progress);
  else await inParts(job, ticket, file, progress);
}

export function remembered(job, asset) {
  const found = localStorage.getItem(`upload ${job} ${asset}`);
  return found ? JSON.parse(found) : null;
}

function post(form, file, progress) {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append("file", file); // last: what stands behind the file is not looked at
  return sent("POST", form.url, body, (bytes) => progress(bytes / file.size));
}

async function inParts(job, ticket, file, progress) {
  const { asset, extension, upload: id, part_bytes: size } = ticket;
  const name = `upload ${job} ${asset}`;
  localStorage.setItem(name, JSON.stringify({ ticket, name: file.name, bytes: file.size, changed: file.lastModified }));
  const count = Math.ceil(file.size / size);
  const told = { asset, extension, upload: id };
  const { arrived } = await ask(`/stories/${job}/parts`, { ...told, numbers: [] });
  const sending = new Map();
  const missing = [];
  for (let number = 1; number <= count; number += 1) if (!(number in arrived)) missing.push(number);
  let there = Object.values(arrived).reduce((sum, bytes) => sum + bytes, 0);
  const show = () => progress((there + [...sending.values()].reduce((sum, bytes) => sum + bytes, 0)) / file.size);
  show();
  while (missing.length) {
    const numbers = missing.splice(0, 24);
    const { urls } = await patiently(() => ask(`/stories/${job}/parts`, { ...told, numbers }));
    const queue = numbers.map((number, at) => [number, urls[at]]);
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const [number, url] = next;
        const part = file.slice((number - 1) * size, number * size);
        await patiently(() => sent("PUT", url, part, (bytes) => { sending.set(number, bytes); show(); }));
        sending.delete(number);
        there += part.size;
        show();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  await patiently(() => ask(`/stories/${job}/complete`, told));
  localStorage.removeItem(name);
}

async function patiently(act) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (tries === TRIES) throw error;
      await new Promise((done) => setTimeout(done, WAIT_MS * tries));
    }
  }
}

function sent(method, url, body, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      if (request.status < 300) done();
      else fail(new Problem(`文件没有被接受（${request.status}）。`, `The file was not accepted (${request.status}).`));
    });
    request.addEventListener("error", () => fail(new Problem("上传中断了，请再试。", "The upload was interrupted. Please try again.")));
    request.send(body);
  });
}

// One line of the list of uploads.
export function row(list, name) {
  const item = document.createElement("li");
  const bar = document.createElement("progress");
  const label = document.createElement("span");
  label.textContent = name;
  bar.max = 1;
  bar.setAttribute("aria-label", name);
  item.append(label, bar);
  list.append(item);
  return (share) => {
    bar.value = share;
    label.textContent = `${name} ${Math.round(100 * share)} %`;
  };
}
