// Where Uppy takes files from: they go into our queue instead of into Uppy at once.
import Dashboard, {type DashboardOptions} from "@uppy/dashboard";
import DropTarget, {type DropTargetOptions} from "@uppy/drop-target";
import {texts} from "../texts/texts.js";
import {findEmptyFolders} from "./empty_folders.js";
import type {Candidate} from "./queue.js";
import type {FileMeta, Queue} from "./uploader.js";

/** Gets the files that were dropped or chosen, and the paths of empty folders. */
export type AddFiles = (candidates: Candidate[], emptyFolders: string[]) => void;

/** Return files with their paths, as far as folders were chosen or dropped. */
export function readPaths(files: Iterable<File>): Candidate[] {
  return Array.from(files, (file) => {
    const dropped = (file as File & {relativePath?: string | null}).relativePath;
    return {file, path: dropped || file.webkitRelativePath || file.name};
  });
}

/** Takes what is dropped anywhere on the page. */
export class PageDropTarget extends DropTarget<FileMeta, Record<string, unknown>> {
  #emptyFolders: Promise<string[]> = Promise.resolve([]);
  #dropped: File[] = [];

  constructor(uppy: Queue, options: DropTargetOptions & {onFiles: AddFiles}) {
    const {onFiles, ...others} = options;
    super(uppy, {
      ...others,
      onDrop: () => {
        const files = readPaths(this.#dropped);
        this.#dropped = [];
        void this.#emptyFolders.then((emptyFolders) => onFiles(files, emptyFolders));
      },
    });
  }

  override addFiles = (files: File[]): void => {
    this.#dropped = files;
  };

  /** Uppy calls it for each drop, as long as the browser lets us read what was dropped. */
  handleRootDrop = (event: DragEvent): void => {
    const entries = Array.from(event.dataTransfer?.items ?? [], (item) => item.webkitGetAsEntry());
    this.#emptyFolders = findEmptyFolders(entries.filter((entry) => entry !== null));
  };
}

/** Shows the files that Uppy has. */
export class QueueDashboard extends Dashboard<FileMeta, Record<string, unknown>> {
  #onFiles: AddFiles;

  constructor(
    uppy: Queue,
    {onFiles, ...options}: DashboardOptions<FileMeta, Record<string, unknown>> & {onFiles: AddFiles},
  ) {
    super(uppy, {
      inline: true,
      width: "100%",
      height: 250,
      disableStatusBar: true,
      disableInformer: true,
      proudlyDisplayPoweredByUppy: false,
      singleFileFullScreen: false,
      thumbnailWidth: 240,
      locale: {strings: texts.upload.dashboard},
      ...options,
    });
    this.#onFiles = onFiles;
  }

  override addFiles = (files: File[]): void => {
    this.#onFiles(readPaths(files), []);
  };
}
