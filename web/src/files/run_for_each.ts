import {ApiError} from "../api/errors.js";
import type {NamedFile} from "./deletions.js";

const AT_ONCE = 4;
const MAX_TRIES = 4;
const SECOND = 1000;

/** A file for which an action failed, with what to tell about it. */
export interface Failure {
  file: NamedFile;
  message: string;
}

/**
 * Run an action for each file, a few at once. Return those that failed. A file that doesn't exist any more is none of
 * them. `report` is called with the number of files that are done.
 */
export async function runForEach<T extends NamedFile>(
  files: readonly T[],
  action: (file: T) => Promise<void>,
  {report = () => undefined, atOnce = AT_ONCE}: {report?: (done: number) => void; atOnce?: number} = {},
): Promise<Failure[]> {
  const waiting = [...files];
  const failures: Failure[] = [];
  let done = 0;
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const message = await tryAction(file, action);
      if (message !== null) {
        failures.push({file, message});
      }
      report(++done);
    }
  };
  await Promise.all(Array.from({length: atOnce}, work));
  return failures;
}

/** Return why the action failed, also when it was tried again; null if it didn't. */
async function tryAction<T>(file: T, action: (file: T) => Promise<void>): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      await action(file);
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (error.code === "not_found") {
        return null;
      }
      if (!error.isTemporary || tries === MAX_TRIES) {
        return error.message;
      }
      await wait(error.retryAfter ?? 2 ** tries * (0.5 + Math.random() / 2));
    }
  }
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * SECOND));
}
