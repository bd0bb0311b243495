import { ask, say, tell } from "./ask.js";

const said = document.getElementById("said");
const film = document.getElementById("film");
try {
  const found = await ask("/shared", { token: location.hash.slice(1) });
  film.poster = found.cover;
  film.src = found.film;
  film.hidden = false;
  said.hidden = true;
} catch (error) {
  if (error.zh) tell(said, error);
  else say(said, "链接打不开。", "The link does not open.");
}
