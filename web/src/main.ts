import {tokens} from "./styles/tokens.js";
import "./session/popup.js"; // first
import "./app/app.js";

if (tokens.styleSheet) {
  document.adoptedStyleSheets.push(tokens.styleSheet);
}
