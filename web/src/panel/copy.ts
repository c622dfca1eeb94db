import {showToast} from "../app/toasts.js";
import {texts} from "../texts/texts.js";

/** Copy a text, and say so. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text); // there is no clipboard in a page without HTTPS
    showToast({text: done});
  } catch {
    showToast({text: texts.panel.copyFailed});
  }
}
