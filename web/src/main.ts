import {tokens} from "./styles/tokens.js";
import "./app/app.js";

if (tokens.styleSheet) {
  document.adoptedStyleSheets.push(tokens.styleSheet);
}
