// The response of an issuer, which it sends as parameters of the page's URL.
import {texts} from "../texts/texts.js";
import type {PendingSignIn, TabStorage} from "./tab_storage.js";

const POPUP = "popup.";
/* What the state of a sign-in in a window of its own begins with. */

/** Return the state of a sign-in in a window of its own. */
export function popupState(random: string): string {
  return POPUP + random;
}

/** If this window is such a one: pass the response on to the page, close the window, and return true. */
export function answerPage(base: URL): boolean {
  if (!new URLSearchParams(location.search).get("state")?.startsWith(POPUP)) {
    return false;
  }
  openChannel(base).postMessage(location.search);
  window.close();
  document.querySelector("fl-app")?.remove(); // before it starts
  document.body.append(texts.signIn.done); // the browser may keep the window
  return true;
}

/** Return the response that another window gets. The promise is rejected when the signal aborts it. */
export function awaitResponse(base: URL, state: string, signal: AbortSignal): Promise<URLSearchParams> {
  const channel = openChannel(base);
  return new Promise<URLSearchParams>((resolve, reject) => {
    channel.onmessage = ({data}: MessageEvent<string>) => {
      const parameters = new URLSearchParams(data);
      if (parameters.get("state") === state) {
        resolve(parameters);
      }
    };
    signal.addEventListener("abort", () => reject(signal.reason));
  }).finally(() => channel.close());
}

/** Return the response in this page's URL and what it is to, and remove it from the URL; null if there is none. */
export function takeResponse(storage: TabStorage): {pending: PendingSignIn; response: URLSearchParams} | null {
  const response = new URLSearchParams(location.search);
  if (!response.has("state")) {
    return null;
  }
  const {pending, ...others} = storage.read();
  storage.write(others);
  const isExpected = pending?.state === response.get("state");
  history.replaceState(null, "", location.pathname + (isExpected ? pending.fragment : location.hash));
  return isExpected ? {pending, response} : null;
}

/* An issuer's page may cut the connection between a window and the one that has opened it. */
function openChannel(base: URL): BroadcastChannel {
  return new BroadcastChannel(`file-loader sign-in ${base.pathname}`);
}
