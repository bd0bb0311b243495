// Asking our own function. A session lives in a cookie that no script can read; words come in both languages.
const WORDS = {
  no_way_in: ["请重新打开你的专属链接。", "Please open your private link again."],
  too_many: ["今天开始的故事太多了，请明天再来。", "Too many stories were started today. Please come back tomorrow."],
  too_often: ["太快了，请过一分钟再试。", "That was too fast. Please try again in a minute."],
  not_confirmed: ["名字不对，没有删除。", "That is not the story's name; nothing was erased."],
  offline: ["没有网络。上传会从断开的地方继续。", "No connection. An upload goes on from where it stopped."],
};
const OTHERWISE = ["没有成功，请再试一次。", "That did not work. Please try again."];

export class Problem extends Error {
  constructor(zh, en) {
    super(`${zh} ${en}`);
    this.zh = zh;
    this.en = en;
  }
}

export async function ask(path, told = {}) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) });
  } catch {
    throw new Problem(...WORDS.offline);
  }
  const found = await answer.json().catch(() => ({}));
  if (answer.ok) return found;
  if (found.zh) throw new Problem(found.zh, found.en);
  throw new Problem(...(WORDS[found.code] ?? OTHERWISE));
}

export function say(element, zh, en) {
  element.replaceChildren(worded("zh", zh), " ", worded("en", en));
  element.hidden = false;
}

function worded(language, text) {
  const span = document.createElement("span");
  span.lang = language;
  span.textContent = text;
  return span;
}

export function tell(element, error) {
  const [zh, en] = error instanceof Problem ? [error.zh, error.en] : OTHERWISE;
  say(element, zh, en);
  element.scrollIntoView({ block: "nearest" });
}
