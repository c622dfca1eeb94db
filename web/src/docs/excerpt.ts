import type {Description} from "./description.js";

type Tree = {[name: string]: Tree | undefined};

/** Resolves the references in the part of a description at a path. */
export type Resolve = (description: Description, path: string[], options: unknown) => unknown;

/**
 * Return `resolve`, but with an excerpt of the description: Swagger UI resolves each operation when it is expanded,
 * and reads all of the description for it, which takes most of a second.
 */
export function resolveInExcerpt(resolve: Resolve): Resolve {
  return (description, path, options) => resolve(extract(description, path), path, options);
}

/** Return the description with no other operation and component than the one at `path` and what it refers to. */
function extract(description: Description, path: string[]): Description {
  const {paths, components, ...others} = description;
  const excerpt = others as unknown as Tree;
  const pending = [path.slice(0, 3)]; // an operation or a component, and not a part of one
  for (let names = pending.pop(); names; names = pending.pop()) {
    const value = names.reduce<Tree | undefined>((parent, name) => parent?.[name], description as unknown as Tree);
    const last = names.at(-1);
    let parent = excerpt;
    for (const name of names.slice(0, -1)) {
      parent[name] ??= {};
      parent = parent[name];
    }
    if (value && last !== undefined && !(last in parent)) {
      parent[last] = value;
      pending.push(...listReferences(value));
    }
  }
  return excerpt as unknown as Description;
}

/** Return the paths of the components that a value refers to. */
function listReferences(value: unknown): string[][] {
  const references = JSON.stringify(value).matchAll(/"\$ref":"#\/(components)\/([^/"]+)\/([^/"]+)/g);
  return [...references].map(([, ...path]) => path);
}
