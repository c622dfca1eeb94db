import "./session/popup.js"; // first
import "./styles/document.js";
import "./app/app.js";
