import type {Api} from "../api/client.js";
import type {DownloadUrl} from "../api/types.js";

const PAUSE = 500;
/* Milliseconds between two downloads: browsers drop some of those that begin at once. */

/** Begin the download of a file, and wait until the next one can begin. Throws ApiError. */
export async function downloadFile(api: Api, id: string): Promise<void> {
  const query = {redirect: false, disposition: "attachment"};
  const {body} = await api.get<DownloadUrl>(`api/files/${id}/content`, {query});
  const link = document.createElement("a");
  link.href = body.url;
  link.click();
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
}
