// The token stands behind #, which a browser never sends: it is posted once, and then taken out of the address.
import { ask, tell } from "./ask.js";

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
try {
  location.replace((await ask("/session", { token })).to);
} catch (error) {
  tell(document.getElementById("said"), error);
}
