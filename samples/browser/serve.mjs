// Serves this folder, and a student's folder at /student/: node serve.mjs STUDENT [PORT]
import { createServer } from "node:http";
import { readFile, realpath } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";

const [student, port = "8080"] = process.argv.slice(2);
if (!student) {
  console.error("usage: node serve.mjs STUDENT [PORT]");
  process.exit(1);
}
const roots = [["/student/", await realpath(student)], ["/", import.meta.dirname]];
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

createServer(async (request, response) => {
  try {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const [prefix, root] = roots.find(([prefix]) => path.startsWith(prefix));
    const file = resolve(join(root, path.slice(prefix.length) || "index.html"));
    if (!file.startsWith(root + sep)) throw new Error("outside");
    const content = await readFile(file);
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" }).end(content);
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), "localhost", () => console.log(`http://localhost:${port}`));
