package help

// page has the words of a help page that no command line parser needs.
type page struct {
	text     string
	examples []string
}

// The groups of commands.
const (
	daily   = "Daily"
	project = "Compose project"
	files   = "Files of the language"
	machine = "Machine"
)

func groups() []string { return []string{daily, project, files, machine} }

// commandsOf returns the commands of a group, in the order of the page.
func commandsOf(group string) []string {
	return map[string][]string{
		daily:   {"run", "watch", "once", "list", "show", "plan"},
		project: {"up", "ps", "logs", "wait", "down"},
		files:   {"init", "validate", "fmt", "graph", "docs", "console", "metadata", "lsp"},
		machine: {"doctor", "engine", "completion", "trust", "version", "help"},
	}[group]
}

// pages returns the page of each command. The program has an empty name.
func pages() map[string]page {
	return map[string]page{
		"": {
			text:     "Run a team's tasks, with the services that they need. Without a command, tasks lists the tasks.",
			examples: []string{"tasks", "tasks run test", "tasks help test"},
		},
		"flags": {text: "Flags of all commands. They stand before or behind the command, and before the name of a task. " +
			"Brackets name the commands that a flag acts on."},
		"run": {
			text: "Run a task, or several, one after the other, with the services and tasks that they need. Flags before " +
				"the task's name are those of tasks. Everything after the name belongs to the task, up to the next `:::`. " +
				"`tasks run TASK --help` shows the usage of the task.",
			examples: []string{
				"tasks run test", "tasks run -e DEBUG=1 test -k login", "tasks run lint ::: test", "tasks run test@db=16",
				"tasks run -n deploy staging",
			},
		},
		"watch": {
			text: "Run a task, and again whenever its files change: the running command is stopped, and a fresh container " +
				"gets the next one. Services stay up. Ctrl-C ends the watch and leaves no one-off behind.",
			examples: []string{"tasks watch test", "tasks watch test ::: serve", "tasks watch --explain test"},
		},
		"once": {
			text: "Run a command in a one-off container of a compose service, as docker-compose run does, with the services " +
				"that it depends on. No Tasks.hcl is needed. Everything after SERVICE belongs to the command.",
			examples: []string{
				"tasks once --rm web bash", "tasks once -p 8080:80 web",
				"tasks once --as-task migrate --rm web ./manage.py migrate",
			},
		},
		"list": {
			text: "List the tasks with their arguments and descriptions. With WORDS: the tasks that have all words in their " +
				"name, aliases, group or description.",
			examples: []string{"tasks list", "tasks list data", "tasks list --all --json"},
		},
		"show": {
			text: "Show a task with all its values: how it is called, its environment with where each value comes from, what " +
				"comes first, and the closest docker command. No command is run and no engine is asked.",
			examples: []string{"tasks show test", "tasks show test@db=16", "tasks show --json test"},
		},
		"plan": {
			text: "Show each step of a run, and why: create, start, reuse, recreate, pull, build, run, skip. Nothing is " +
				"changed.",
			examples: []string{"tasks plan test", "tasks plan --json test -k login", "tasks plan --detailed-exitcode test"},
		},
		"up": {
			text: "Start services of the compose project, or all services of the active profiles, with the services that they " +
				"depend on. Wait until each is ready, and leave them running. No Tasks.hcl is needed.",
			examples: []string{"tasks up", "tasks up --build web worker"},
		},
		"ps": {
			text:     "Show the project's containers with image, age, ports and owner. What killed runs have left is removed.",
			examples: []string{"tasks ps", "tasks ps -q web", "tasks ps --json"},
		},
		"logs": {
			text:     "Show what the project's containers have printed, one-offs too, in the order of time.",
			examples: []string{"tasks logs", "tasks logs -f web", "tasks logs -n 50 --since 10m db"},
		},
		"wait": {
			text: "Wait until one-offs that were started in the background (`-d`) have ended. Their output is shown from its " +
				"start. The exit code is that of the first one-off without success. A name is a task or a container; without " +
				"names: all one-offs of the project. The containers stay until `tasks down`.",
			examples: []string{"tasks wait test", "tasks wait"},
		},
		"down": {
			text: "Remove the project's containers, one-offs too, and its networks. With SERVICE: the containers of these " +
				"services, and the networks that have no other container. The command needs the project's name only, and " +
				"works where the files cannot be read.",
			examples: []string{"tasks down", "tasks down -v", "tasks down web"},
		},
		"init": {
			text: "Write a first Tasks.hcl beside the compose file: a task that starts the services, and the usual tasks of " +
				"their images and code. With --from, also the tasks of a Makefile, justfile, Taskfile.yml, package.json or " +
				"batect.yml, or of the `docker compose run` lines in a README or CI file. Nothing of these files is run. A part " +
				"without an equal becomes a comment. An existing file is never overwritten.",
			examples: []string{"tasks init", "tasks init --from Makefile", "tasks init --print --from README.md"},
		},
		"validate": {
			text: "Check the files of the language, with every task's values and types, and the compose files that they name. " +
				"No command is run and no engine is asked.",
			examples: []string{"tasks validate", "tasks validate --strict"},
		},
		"fmt": {
			text: "Rewrite files of the language in their canonical layout, and print the names of changed files. Without " +
				"FILES: Tasks.hcl and the files beside, or those of -f. `-` is stdin, with the layout on stdout. A file with " +
				"a wrong syntax is not touched.",
			examples: []string{"tasks fmt", "tasks fmt --check --diff"},
		},
		"graph": {
			text: "Show what the tasks depend on, or one of them, down to the services of the compose files. Nothing is " +
				"evaluated, so that variables need no values, and no engine is asked.",
			examples: []string{"tasks graph", "tasks graph test", "tasks graph --format mermaid"},
		},
		"docs": {
			text: "Print a page about the tasks for the team: groups, usage, environment, what comes before, and the graph. " +
				"The page is Markdown, or one HTML file without references. The page depends on the files only, so that a CI " +
				"job can compare a stored page: --check ends with 1 if the file of --output is not up to date.",
			examples: []string{"tasks docs -o docs/tasks.md", "tasks docs --check -o docs/tasks.md", "tasks docs --format html"},
		},
		"console": {
			text: "Evaluate expressions as Tasks.hcl would, one in a line of stdin. An open bracket goes on in the next line. " +
				"At a terminal Tab completes, Up repeats, help explains, and Ctrl-D or exit ends the console; otherwise the exit " +
				"code is 2 if an expression was wrong.",
			examples: []string{"tasks console", "tasks console --var settings=prod"},
		},
		"metadata": {
			text:     "Print the language's blocks, attributes and functions as JSON, for editors.",
			examples: []string{"tasks metadata"},
		},
		"lsp": {
			text: "Serve an editor over stdin and stdout, by the Language Server Protocol: diagnostics, completion, hover, " +
				"definition, references, rename, outline, layout and highlighting of the files of the language. No command is " +
				"run and no engine is asked. docs/editors.md has the lines for editors.",
			examples: []string{"tasks lsp"},
		},
		"completion": {
			text: "Print a script for a shell that completes commands, flags and tasks: bash, zsh, fish or powershell. For " +
				"bash: source <(tasks completion bash)",
			examples: []string{"tasks completion bash"},
		},
		"trust": {
			text: "Trust the files in DIR and below, although they belong to another user. Without DIR: the directory of the " +
				"Tasks.hcl. Look at the files first: they can run any command as you.",
			examples: []string{"tasks trust", "tasks trust /srv/shop"},
		},
		"doctor": {
			text: "Check the engine and its clock, disk and networks, the docker configuration, the limits of this machine, " +
				"and whether the engine can run the services of the project. Every finding has a remedy. Nothing is changed. " +
				"The exit code is 1 if a finding is a problem (✗); a warning (!) is none.",
			examples: []string{"tasks doctor", "tasks doctor --json"},
		},
		"engine": {
			text: "Check an engine of another machine, chosen as with --engine, or all nodes of several: the answer, " +
				"versions, image store, clock, space, swarm, and containers of killed runs. Every finding has a remedy. Nothing " +
				"is changed. The exit code is 1 if a finding is a problem (✗); a warning (!) is none.",
			examples: []string{"tasks engine check ci", "tasks engine check ssh://deploy@build1 --json"},
		},
		"version": {text: "Print the version.", examples: []string{"tasks version"}},
		"help": {
			text: "Explain a command, the global flags, or a task: a task as `tasks show` does, with its usage first. " +
				"With --man: print the manual page of the program or of a command.",
			examples: []string{"tasks help run", "tasks help flags", "tasks help test", "tasks help --man run"},
		},
	}
}
