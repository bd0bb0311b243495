import { ask } from "./ask.js";

for (const button of document.querySelectorAll("[data-leave]")) {
  button.addEventListener("click", async () => {
    await ask("/leave");
    location.assign("/");
  });
}
