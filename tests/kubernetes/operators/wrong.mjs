// node wrong.mjs FILE…: what the published types of the Prometheus operator say against JSON objects, as a JSON list.
// Two ways: the validators made of them (types, required fields, choices), and TypeScript (fields that are not there).
import { readFileSync } from "node:fs";
import ts from "typescript";

const ofOperator = "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
const objects = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf-8")));
const wrong = [];

for (const object of objects) {
  const { [object.kind]: Kind } = await import(`${ofOperator}/${object.kind}`);
  try {
    new Kind(object).validate();
  } catch (error) {
    wrong.push(`${object.kind} ${object.metadata?.name}: ${error.message}`);
  }
}

// One program of all objects, as if somebody had written them down with their types.
const here = new URL("objects.ts", import.meta.url).pathname;
const kinds = [...new Set(objects.map((object) => object.kind))];
const text = [
  ...kinds.map((kind) => `import type { I${kind} } from "${ofOperator}/${kind}";`),
  ...objects.map((object, i) => `export const object${i}: I${object.kind} = ${JSON.stringify(object, null, 1)};`),
].join("\n");
const options = { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, types: [],
  module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
const host = ts.createCompilerHost(options);
const { readFile, fileExists, getSourceFile } = host;
host.fileExists = (name) => name === here || fileExists(name);
host.readFile = (name) => (name === here ? text : readFile(name));
host.getSourceFile = (name, ...more) =>
  name === here ? ts.createSourceFile(name, text, options.target) : getSourceFile.call(host, name, ...more);
for (const found of ts.getPreEmitDiagnostics(ts.createProgram([here], options, host)))
  wrong.push(ts.flattenDiagnosticMessageText(found.messageText, " ").slice(0, 400));

console.log(JSON.stringify(wrong));
