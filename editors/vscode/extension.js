// The extension starts `tasks lsp`, and runs a task in a terminal for the code lens "run".
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

/** Returns the program and its global flags. */
function program() {
  const settings = vscode.workspace.getConfiguration("tasks");
  return { command: settings.get("path", "tasks"), flags: settings.get("arguments", []) };
}

/** Opens a terminal in the folder of the active file, and runs a task. No shell reads the name. */
function runTask(name) {
  const { command, flags } = program();
  const file = vscode.window.activeTextEditor?.document.uri;
  const folder = file && vscode.workspace.getWorkspaceFolder(file);
  const execution = new vscode.ProcessExecution(command, [...flags, "run", name], { cwd: folder?.uri.fsPath });
  const scope = folder ?? vscode.TaskScope.Workspace;
  return vscode.tasks.executeTask(new vscode.Task({ type: "tasks", task: name }, scope, name, "tasks", execution));
}

async function activate(context) {
  const { command, flags } = program();
  context.subscriptions.push(vscode.commands.registerCommand("tasks.run", runTask));
  client = new LanguageClient(
    "tasks",
    "tasks",
    { command, args: [...flags, "lsp"] },
    { documentSelector: [{ language: "tasks-hcl", scheme: "file" }] },
  );
  await client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
