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
  statuses: {
    awaiting_upload: "Waiting for its bytes",
    uploaded: "Waiting to be processed",
    processing: "Processing",
    processed: "Ready",
    failed: "Failed",
    rejected: "Rejected",
    expired: "Never arrived",
  },
  upload: {
    label: "Upload files",
    choose: "Choose files",
    chooseFolder: "Choose a folder",
    hint: "or drop files and folders anywhere on this page, or paste them",
    limit: (size: string) => `Up to ${size} each`,
    drop: "Drop to upload",
    queue: "Files that are being uploaded",
    progress: "Uploaded",
    uploading: (sent: string, total: string) => `${sent} of ${total} uploaded`,
    files: (sent: string, total: string) => `${sent} of ${total} files`,
    speed: (size: string) => `${size} per second`,
    paused: "Paused",
    offline: "Offline. It goes on by itself when the connection is back.",
    waiting: (count: string) => `${count} more are waiting`,
    processing: (count: number) => `${count} being processed`,
    ready: (count: number) => `${count} ready`,
    notProcessed: (count: number) => `${count} not processed`,
    pauseAll: "Pause all",
    resumeAll: "Resume all",
    cancelAll: "Cancel all",
    recent: "Uploaded just now",
    failures: (count: number) => (count === 1 ? "1 file was not uploaded" : `${count} files were not uploaded`),
    more: (count: number) => `and ${count} more`,
    retry: "Try again",
    retryAll: "Try all again",
    dismiss: "Dismiss",
    dismissAll: "Dismiss all",
    copyDetails: "Copy details",
    copied: "Details copied",
    chooseAgain: (count: number) =>
      count === 1
        ? "1 file was not uploaded completely. Choose the same file again, and what is missing of it is sent."
        : `${count} files were not uploaded completely. Choose the same files again, and what is missing is sent.`,
    added: (count: number) => (count === 1 ? "1 file is being uploaded" : `${count} files are being uploaded`),
    finished: (count: number) => (count === 1 ? "1 file is uploaded" : `${count} files are uploaded`),
    systemFiles: (count: number) => (count === 1 ? "1 system file skipped" : `${count} system files skipped`),
    duplicates: (count: number) =>
      count === 1 ? "1 file is being uploaded already" : `${count} files are being uploaded already`,
    emptyFolders: (names: string[]) =>
      `${names.length === 1 ? "An empty folder was" : "Empty folders were"} left out: ${names.join(", ")}`,
    tooLarge: (size: string, limit: string) => `It has ${size}, and files may have up to ${limit}.`,
    typeNotAccepted: (type: string, allowed: string[] | null) =>
      `Files of the type ${type} are not accepted${allowed ? `, only ${allowed.join(", ")}` : ""}.`,
    noFilesLeft: (count: number) =>
      count === 0 ? "You may not add more files now." : `You may add only ${count} more files now.`,
    noBytesLeft: (size: string) => `There is only room for ${size} more now.`,
    unreachable: "The server could not be reached.",
    unreadable: "The browser cannot read the file. It may have been changed, moved or deleted: choose it again.",
    storage: "storage",
    refusedByStorage: (code: string) => `The storage refused the file (${code}).`,
    details: (facts: {status: number; code: string; message: string; requestId: string | null}) =>
      `${facts.status} ${facts.code}: ${facts.message}\nRequest: ${facts.requestId ?? "unknown"}`,
    dashboard: {
      dashboardTitle: "Files that are being uploaded",
      dropHint: "Drop to upload",
      dropPasteFiles: "Drop files here or %{browseFiles}",
      browseFiles: "choose files",
      back: "Back",
      addingMoreFiles: "Choose files",
      removeFile: "Cancel %{file}",
      pauseUpload: "Pause",
      resumeUpload: "Resume",
      retryUpload: "Try again",
      uploadComplete: "Uploaded",
      reSelect: "Choose again",
    },
  },
};

export type Texts = typeof en;
