import {texts} from "../texts/texts.js";
import {showToast} from "./toasts.js";

/**
 * Load a part of the page that isn't needed at first. Where that fails, the page has to be loaded again: the browser
 * remembers a module that it couldn't load until then, and the server may have a newer version of the page, without it.
 */
export async function loadPart(load: () => Promise<unknown>): Promise<void> {
  try {
    await load();
  } catch {
    const action = {label: texts.app.reload, run: () => location.reload()};
    showToast({text: texts.app.partMissing, action, seconds: 0});
  }
}
