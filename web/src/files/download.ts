import type {Api} from "../api/client.js";

const PAUSE = 500;
/* Milliseconds between two downloads: browsers drop some of those that begin at once. */

/** Begin the download of a file, and wait until the next one can begin. Throws ApiError. */
export async function downloadFile(api: Api, id: string): Promise<void> {
  const {body} = await api.get<{url: string}>(`api/files/${id}/content`, {query: {redirect: false}});
  const link = document.createElement("a");
  link.href = body.url;
  link.target = "_blank"; // what the browser shows itself must not replace the page
  link.rel = "noopener";
  link.download = "";
  link.click();
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
