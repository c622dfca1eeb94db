interface FailedFile {
  file: {name: string};
  message: string;
}

const NAMED = 3;
/* Files that a message names; the others are counted. */

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files.toLocaleString("en")} files`;
}

function listFailures(failures: FailedFile[]): string {
  const named = failures.slice(0, NAMED).map(({file, message}) => `${file.name}: ${message}`);
  const others = failures.length - named.length;
  return [...named, ...(others ? [`and ${counted(others)} more`] : [])].join(" ");
}

/** The page's texts in English. Another language is a file with the same structure: `satisfies Texts`. */
export const en = {
  app: {
    name: "file-loader",
    files: "Files",
    administration: "Administration",
    api: "API",
    skip: "Skip to the files",
  },
  toasts: {
    close: "Close",
  },
  list: {
    label: "Files",
    columns: {
      select: "Selected",
      picture: "Picture",
      name: "Name",
      kind: "Kind",
      size: "Size",
      time: "Uploaded",
      status: "Status",
    },
    select: (name: string) => `Select ${name}`,
    mismatch: "The content isn’t what the name or the sender says.",
    mismatchMark: "Other type",
    loading: "Loading…",
    empty: "No files yet. Drop some here.",
    noMatch: "Nothing matches.",
    clearFilters: "Clear filters",
    error: (message: string, requestId: string | null) =>
      requestId ? `${message} (request ${requestId})` : message,
    retry: "Try again",
    lost: "The connection is lost. What you see may be out of date; it is being tried again.",
    showNewer: "Show new files",
    count: (count: number, isAll: boolean) => (isAll ? counted(count) : `More than ${counted(count)}`),
  },
  search: {
    label: "Search",
    placeholder: "Search",
    filters: "Filters and order",
    field: "Where to search",
    inNames: "in names",
    inContents: "in contents",
    status: "Status",
    anyStatus: "Any status",
    kind: "Kind",
    anyKind: "Any kind",
    mismatch: "Types",
    anyMismatch: "Any type",
    mismatches: {true: "Content of another type", false: "Content as named"},
    metadata: "Metadata, such as order=7",
    metadataPlaceholder: "key=value",
    metadataInvalid: "Write it like this: order=7",
    order: "Order",
    orders: {
      "-uploaded_at": "Newest first",
      uploaded_at: "Oldest first",
      name: "By name",
      "-name": "By name, backwards",
      "-size": "Largest first",
      size: "Smallest first",
    },
    active: "Active filters",
    remove: (filter: string) => `Remove the filter ${filter}`,
    chips: {
      name: (words: string) => `Name: ${words}`,
      contents: (words: string) => `Contents: ${words}`,
    },
  },
  selection: {
    label: "Selected files",
    count: (count: number) => `${count} selected`,
    download: "Download",
    reprocess: "Process again",
    delete: "Delete",
    clear: "Select none",
    downloading: "Downloading",
    reprocessing: "Processing again",
    progress: (label: string, done: number, of: number) => `${label}: ${done} of ${of}`,
    downloadFailed: (failures: FailedFile[]) => `Not downloaded: ${listFailures(failures)}`,
    reprocessFailed: (failures: FailedFile[]) => `Not processed again: ${listFailures(failures)}`,
  },
  deletions: {
    deleted: ([first, ...others]: {name: string}[]) =>
      others.length ? `${counted(others.length + 1)} deleted.` : `${first?.name} is deleted.`,
    undo: "Undo",
    failed: (failures: FailedFile[]) => `Not deleted: ${listFailures(failures)}`,
  },
  kinds: {
    photo: "Photo",
    image: "Image",
    drawing: "Drawing",
    video: "Video",
    audio: "Audio",
    pdf: "PDF",
    document: "Document",
    book: "Book",
    spreadsheet: "Spreadsheet",
    presentation: "Presentation",
    table: "Table",
    text: "Text",
    data: "Data",
    database: "Database",
    webPage: "Web page",
    mail: "Mail",
    archive: "Archive",
    font: "Font",
    other: "File",
    unknown: "Unknown",
  },
  kindFilters: {
    images: "Images",
    videos: "Videos",
    audio: "Audio",
    pdf: "PDFs",
    text: "Texts and tables",
    mail: "Mails",
    zip: "ZIP archives",
  },
  statuses: {
    awaiting_upload: "Waiting for its bytes",
    uploaded: "Waiting to be processed",
    processing: "Processing",
    processed: "Ready",
    failed: "Failed",
    rejected: "Rejected",
    expired: "Never arrived",
  },
};

export type Texts = typeof en;
