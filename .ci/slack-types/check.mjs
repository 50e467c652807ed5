// Writes generated.ts: the golden files of the Slack adapter as object literals of the types
// that Slack publishes, so that the TypeScript compiler finds every key and value that Slack
// does not support.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const here = fileURLToPath(new URL(".", import.meta.url)); // Debian 12's Node has no import.meta.dirname
const testdata = join(here, "../../adapters/slack/testdata");

const lines = [
  'import type { HomeView, KnownBlock, ModalView } from "@slack/types";',
  'import type { AppsManifestCreateArguments } from "@slack/web-api";',
  "type Home = Omit<HomeView, 'blocks'> & { blocks: KnownBlock[] };",
  "type Modal = Omit<ModalView, 'blocks'> & { blocks: KnownBlock[] };",
  "type Manifest = AppsManifestCreateArguments['manifest'];",
  "type Message = { text: string; blocks: KnownBlock[] };",
];
let n = 0;
const check = (file, type, value) => {
  lines.push(`// ${file}`, `export const v${n++}: ${type} = ${JSON.stringify(value)};`);
};
for (const file of readdirSync(join(testdata, "messages"))) {
  check(file, "Message", JSON.parse(readFileSync(join(testdata, "messages", file), "utf8")));
}
for (const file of readdirSync(join(testdata, "views"))) {
  const view = JSON.parse(readFileSync(join(testdata, "views", file), "utf8"));
  check(file, view.type === "home" ? "Home" : "Modal", view);
}
for (const file of readdirSync(join(testdata, "manifest"))) {
  const manifest = parse(readFileSync(join(testdata, "manifest", file), "utf8"));
  // The types no longer have assistant:write, but the page of
  // assistant.threads.setSuggestedPrompts still requires it.
  const scopes = manifest.oauth_config.scopes;
  scopes.bot = scopes.bot.filter((scope) => scope !== "assistant:write");
  check(file, "Manifest", manifest);
}
writeFileSync(join(here, "generated.ts"), lines.join("\n") + "\n");
console.log(`${n} golden files to check`);
