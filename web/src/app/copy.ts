import {texts} from "../texts/texts.js";
import {showToast} from "./toasts.js";

/** Copy a text, and say so: with `done`, or that the browser doesn't allow it. */
export async function copy(text: string, done: string): Promise<void> {
  showToast({text: (await copyText(text)) ? done : texts.app.copyFailed});
}

/** Copy a text. Return whether the browser allows it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text); // there is no clipboard in a page without HTTPS
    return true;
  } catch {
    return false;
  }
}
