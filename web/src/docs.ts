// The documentation of the API: Swagger UI renders it, and sends requests with the credential of the session.
import {fetchDescription} from "./docs/description.js";
import {completeLabels} from "./docs/labels.js";
import {interceptWith} from "./docs/requests.js";
import {followColorScheme, render} from "./docs/swagger_ui.js";
import type {AccountElement} from "./session/account.js";
import {PageSession} from "./session/page_session.js";
import type {SignInElement} from "./session/sign_in.js";
import "./styles/document.js";

followColorScheme();

const session = new PageSession(new URL("..", import.meta.url), "docs");
for (const element of document.querySelectorAll<AccountElement | SignInElement>("fl-account, fl-sign-in")) {
  element.session = session;
}
session.offer().catch(() => null); // the person is asked after a 401 then

const docs = document.getElementById("docs") as HTMLElement;
completeLabels(docs);
const {href} = document.querySelector("link[rel=service-desc]") as HTMLLinkElement;
fetchDescription(href).then(
  (description) => render(description, docs, interceptWith(session)),
  (error) => {
    const state = document.getElementById("state") as HTMLElement;
    state.textContent = `The description of the API can't be shown. ${error.message}`;
  },
);
