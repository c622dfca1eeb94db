import {LitElement} from "lit";
import {property, state} from "lit/decorators.js";
import type {Api} from "../api/client.js";
import type {FileResource} from "../api/types.js";
import {describeError} from "./describe_error.js";

/** A form that changes a part of a file. Events: `saved` with the file, and `cancelled`. */
export abstract class EditForm extends LitElement {
  @property({attribute: false}) api!: Api;
  @property({attribute: false}) file!: FileResource;
  @state() protected error: string | null = null;
  @state() protected busy = false;

  /** Change the file. If that fails, show why, as `describe` says it. Return whether it has succeeded. */
  protected async save(
    change: {name: string} | {metadata: Record<string, string>},
    describe: (message: string) => string,
  ): Promise<boolean> {
    this.busy = true;
    try {
      const {body} = await this.api.patch<FileResource>(`api/files/${this.file.id}`, change);
      this.dispatchEvent(new CustomEvent<FileResource>("saved", {detail: body}));
      return true;
    } catch (error) {
      this.error = describe(describeError(error));
      this.busy = false;
      return false;
    }
  }

  protected cancel = (): void => {
    this.dispatchEvent(new Event("cancelled"));
  };

  protected cancelOnEscape = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation(); // otherwise it closes the panel
      this.cancel();
    }
  };
}
