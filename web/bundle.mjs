// Bundles the pages into the folder that is given: for each an index.html, and in page/assets/ what they refer to,
// with hashed names.
import {mkdir, readdir, readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {build} from "esbuild";

const ENTRIES = ["main", "dropzone", "docs"];
const SOURCES = import.meta.dirname ?? new URL(".", import.meta.url).pathname;

/** Packages whose licence is in another package of the same repository only. */
const LICENCE_FOLDERS = {"node_modules/@uppy/drop-target": "node_modules/@uppy/core"};

/** Return the names of the assets by the name of their entry, and what each of them imports at once. */
async function bundle(destination) {
  const {metafile} = await build({
    absWorkingDir: SOURCES,
    entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
    outdir: join(destination, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    legalComments: "none", // licences.txt has the whole texts
    loader: {".css": "text", ".svg": "file"},
    metafile: true,
    logLevel: "warning",
  });
  return {entries: readOutputs(metafile), packages: listPackages(metafile)};
}

/** Return the folders of the packages that the bundles contain something of. */
function listPackages({outputs}) {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const found = inputs.map((path) => path.match(/^.*node_modules\/(@[^/]+\/)?[^/]+/)?.[0]);
  return [...new Set(found.filter(Boolean))].sort();
}

/** Return the licences of packages. Throws an Error for one without: its code may not be served. */
async function readLicences(packages) {
  const licences = await Promise.all(
    packages.map(async (folder) => `${folder.split("node_modules/").at(-1)}\n\n${await readLicence(folder)}`),
  );
  return licences.join("\n\n");
}

/** Return the licence of a package: a file, or the end of its readme. */
async function readLicence(folder) {
  const source = join(SOURCES, LICENCE_FOLDERS[folder] ?? folder);
  const names = await readdir(source);
  const name = names.find((each) => /^licen[cs]e/i.test(each));
  if (name) {
    return readFile(join(source, name), "utf8");
  }
  const readme = names.find((each) => /^readme/i.test(each));
  const licence = readme && (await readFile(join(source, readme), "utf8")).match(/^#+ licen[cs]e[\s\S]*/im);
  if (!licence) {
    throw new Error(`${folder} has no licence`);
  }
  return licence[0];
}

/** Return for each entry its file's name, and the names of the files that it imports at once. */
function readOutputs({outputs}) {
  const nameOf = (path) => path.split("/").at(-1);
  const found = {};
  for (const [path, output] of Object.entries(outputs)) {
    const entry = ENTRIES.find((name) => output.entryPoint === `src/${name}.ts`);
    if (entry) {
      found[entry] = {name: nameOf(path), imports: [...importedAtOnce(outputs, path)].map(nameOf)};
    }
  }
  return found;
}

function importedAtOnce(outputs, path, found = new Set()) {
  for (const each of outputs[path].imports) {
    if (each.kind === "import-statement" && !found.has(each.path)) {
      found.add(each.path);
      importedAtOnce(outputs, each.path, found);
    }
  }
  return found;
}

/** Write a page that loads an entry. `assets` is the URL of their folder. */
async function writePage(destination, page, {name, imports}, assets) {
  const source = await readFile(join(SOURCES, page, "index.html"), "utf8");
  const preloads = imports.map((each) => `<link rel="modulepreload" href="${assets}/${each}">`);
  const modules = [...preloads, `<script type="module" src="${assets}/${name}"></script>`].join("\n");
  await mkdir(join(destination, page), {recursive: true});
  await writeFile(join(destination, page, "index.html"), source.replace("<!-- modules -->", modules));
}

const destination = process.argv[2];
const {entries, packages} = await bundle(join(destination, "page"));
const {main, dropzone, docs} = entries;
await writePage(destination, "page", main, "./assets");
await writePage(destination, "docs", docs, "./../assets"); // it is below /api
await writeFile(join(destination, "page", "dropzone.js"), `import "./assets/${dropzone.name}";\n`);
await writeFile(join(destination, "page", "licences.txt"), await readLicences(packages));
