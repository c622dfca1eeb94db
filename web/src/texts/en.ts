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
};

export type Texts = typeof en;
