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
  signIn: {
    title: "Sign in",
    expired: "Sign in again",
    continues: "Your session has ended. What is on the page stays, and uploads continue when you have signed in.",
    withIssuer: (host: string) => `Sign in with ${host}`,
    token: "API token",
    keep: "Stay signed in when this tab is reloaded",
    withToken: "Sign in with the token",
    later: "Not now",
    done: "You are signed in. You can close this window.",
    blocked: "The browser didn't open a window. Allow windows of this page, and try again.",
    needsTls: "This needs a page that is loaded with https.",
    offline: "There was no response. Check the connection, and try again.",
    otherOwner: (before: string, now: string) =>
      `This page has files of ${before}, and you signed in as ${now}. Sign in as ${before}, or reload the page.`,
    refused: (reason: string) => `Signing in failed: ${reason}`,
  },
  account: {
    owner: "Owner",
    allowed: "Allowed",
    token: "Token",
    signOut: "Sign out",
    scopes: {
      read: "read",
      write: "read, upload and change",
      admin: "everything, for all owners",
    },
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
