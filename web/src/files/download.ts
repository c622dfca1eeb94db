import type {Api} from "../api/client.js";
import {findContentUrl, readFirstBytes} from "../api/content.js";

const PAUSE = 500;
/* Milliseconds between two downloads: browsers drop some of those that begin at once. */

/** Begin the download of a file, and wait until the next one can begin. Throws ApiError. */
export async function downloadFile(api: Api, id: string): Promise<void> {
  const url = await findContentUrl(api, id, "attachment");
  await readFirstBytes(url, 1); // an error of the storage would replace the page
  const link = document.createElement("a");
  link.href = url;
  link.click();
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
