// Checks the golden files of the Discord adapter against Discord's rules as published by
// discord.js: as types, in generated.ts, and value by value with the setters of its
// builders, which throw on values that Discord would reject. The adapter's own tests check
// totals and rows.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ActionRowBuilder, ButtonBuilder, ContextMenuCommandBuilder, EmbedBuilder, SlashCommandBuilder, StringSelectMenuBuilder,
} from "@discordjs/builders";

const here = fileURLToPath(new URL(".", import.meta.url)); // Debian 12's Node has no import.meta.dirname
const testdata = join(here, "../../adapters/discord/testdata");
const read = (...path) => JSON.parse(readFileSync(join(testdata, ...path), "utf8"));
let values = 0;
const set = (builder, method, value) => {
  if (value !== undefined) {
    builder[method](value);
    values++;
  }
};

const embed = (e) => {
  const b = new EmbedBuilder();
  set(b, "setTitle", e.title);
  set(b, "setDescription", e.description);
  set(b, "setURL", e.url);
  set(b, "setColor", e.color);
  set(b, "setFooter", e.footer);
  set(b, "setFields", e.fields);
  b.toJSON();
};

const part = (c) => {
  const b = c.type === 2 ? new ButtonBuilder() : new StringSelectMenuBuilder();
  set(b, "setCustomId", c.custom_id);
  set(b, "setDisabled", c.disabled);
  if (c.type === 2) {
    set(b, "setStyle", c.style);
    set(b, "setLabel", c.label);
    set(b, "setEmoji", c.emoji);
  } else {
    set(b, "setPlaceholder", c.placeholder);
    set(b, "setOptions", c.options);
  }
  b.toJSON();
  return b;
};

const lines = [
  'import type { APIApplicationCommandOptionChoice, APIModalInteractionResponseCallbackData, RESTPostAPIChannelMessageJSONBody, RESTPutAPIApplicationCommandsJSONBody } from "discord-api-types/v10";',
];
const type = (name, type, value) => lines.push(`// ${name}`, `export const v${lines.length}: ${type} = ${JSON.stringify(value)};`);

const files = readdirSync(join(testdata, "messages"));
for (const file of files) {
  const m = read("messages", file);
  m.embeds.forEach(embed);
  for (const row of m.components) {
    new ActionRowBuilder().setComponents(row.components.map(part)).toJSON();
  }
  type(file, "RESTPostAPIChannelMessageJSONBody", m);
}

const forms = readdirSync(join(testdata, "forms"));
for (const file of forms) {
  type(file, "APIModalInteractionResponseCallbackData", read("forms", file));
}

const commands = read("commands.json");
for (const c of commands) {
  const b = c.type === 1 ? new SlashCommandBuilder() : new ContextMenuCommandBuilder();
  set(b, "setName", c.name);
  if (c.type !== 1) {
    set(b, "setType", c.type);
  } else {
    set(b, "setDescription", c.description);
  }
  for (const o of c.options ?? []) {
    b[o.type === 3 ? "addStringOption" : "addBooleanOption"]((option) => {
      set(option, "setName", o.name);
      set(option, "setDescription", o.description);
      set(option, "setRequired", o.required);
      set(option, "setAutocomplete", o.autocomplete);
      set(option, "setMaxLength", o.max_length);
      return option;
    });
  }
  b.toJSON();
}
type("commands.json", "RESTPutAPIApplicationCommandsJSONBody", commands);
type("choices.json", "{ choices: APIApplicationCommandOptionChoice<string>[] }", read("choices.json"));

writeFileSync(join(here, "generated.ts"), lines.join("\n") + "\n");
console.log(`${files.length + forms.length + 2} golden files to check, ${values} values accepted by the builders`);
