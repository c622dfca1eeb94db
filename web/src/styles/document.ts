// Gives the document the colours and sizes that elements use by name.
import {tokens} from "./tokens.js";

if (tokens.styleSheet) {
  document.adoptedStyleSheets.push(tokens.styleSheet);
}
