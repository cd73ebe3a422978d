package hclspec

// taskBlockType is the one table of a task's attributes: it drives decoding, the check of what can act on which kind of
// task, and the reference in docs/language.md.
func taskBlockType() *blockType {
	container := []Kind{Service, Image}
	running := []Kind{Host, Service, Image}
	all := []Kind{Group, Host, Service, Image}
	return &blockType{
		name: "task", label: "task",
		doc: "something that can be run by name",
		attrs: []attribute{
			{name: "description", typ: "literal string", kinds: all, static: true, doc: "what `tasks list` shows", example: `"Run the tests"`},
			{name: "group", typ: "literal string", kinds: all, static: true, doc: "the heading that `tasks list` shows it under", example: `"Database"`},
			{name: "aliases", typ: "list of literal strings", kinds: all, static: true, doc: "other names of the task on the command line", example: `["unit"]`},
			{name: "hidden", typ: "literal bool", kinds: all, static: true, def: "false", doc: "left out of `tasks list` and completion", example: "true"},
			{name: "depends_on", typ: "list of references", kinds: all, static: true, doc: "tasks and services that must be done or ready first", example: "[task.lint, service.db.healthy]"},
			{name: "finally", typ: "list of references", kinds: all, static: true, doc: "tasks that follow it on success, failure, timeout and signals; they see `result.*`", example: "[task.lint]"},
			{name: "extends", typ: "list of references", kinds: all, static: true, doc: "tasks whose attributes and blocks it takes over, unless it has its own", example: "[task.lint]"},
			{name: "service", typ: "string", kinds: []Kind{Service}, set: setService, doc: "the compose service whose configuration the one-off container takes", example: `"web"`},
			{name: "image", typ: "string", kinds: []Kind{Image}, set: setImage, doc: "the image of the one-off container, which joins the project's default network", example: `"alpine:3.22"`},
			{name: "mode", typ: "string", kinds: []Kind{Service}, set: setMode, def: `"run"`, doc: "\"run\": in a one-off container of the service; \"exec\": in the container of the service that runs", example: `"run"`},
			{name: "command", typ: "list or string", kinds: running, runtime: true, set: setCommand, def: "the service's or image's own", doc: "what is run, never looked at by a shell", example: `["pytest", args]`},
			{name: "script", typ: "string", kinds: running, runtime: true, set: setScript, doc: "text for the shell, in place of a command", example: `"echo $1"`},
			{name: "shell", typ: "list or string", kinds: running, set: setShell, def: `["sh", "-euc"]`, doc: "what the script is given to", example: `["bash", "-euc"]`},
			{name: "entrypoint", typ: "list or string", kinds: container, ownContainer: true, set: setEntrypoint, def: "the service's or image's own", doc: "overrides the entrypoint; `\"\"` resets it", example: `["/entry"]`},
			{name: "env", typ: "map of string", kinds: running, runtime: true, byKey: true, set: setEnv, doc: "adds to or overrides the environment; `null` unsets", example: `{ CI = "1" }`},
			{name: "env_files", typ: "list of string", kinds: running, set: setEnvFiles, doc: "dotenv files that add to the environment, beneath `env`; a later one wins", example: `[".env.test"]`},
			{name: "pass_env", typ: "list of string", kinds: container, set: setPassEnv, doc: "variables of the environment of `tasks` that the container gets, beneath `env_files`; `*` stands for any text", example: `["CI", "AWS_*"]`},
			{name: "labels", typ: "map of string", kinds: container, ownContainer: true, byKey: true, set: setLabels, doc: "adds or overrides labels of the container", example: `{ team = "shop" }`},
			{name: "user", typ: "string", kinds: container, set: setUser, def: "the service's or image's own", doc: "user or uid, with an optional group", example: `"1000:1000"`},
			{name: "workdir", typ: "string", kinds: running, set: setWorkdir, def: "the service's or image's own; on the host the project's directory", doc: "working directory", example: `"/src"`},
			{name: "ports", typ: "list of string", kinds: container, ownContainer: true, set: setPorts, def: "nothing is published", doc: "published ports, Compose's short forms", example: `["8000:8000"]`},
			{name: "service_ports", typ: "bool", kinds: []Kind{Service}, ownContainer: true, set: setServicePorts, def: "false", doc: "publish the service's own ports; not together with `ports`", example: "true"},
			{name: "volumes", typ: "list of string", kinds: container, ownContainer: true, set: setVolumes, doc: "added mounts, Compose's short form", example: `["./data:/data:ro"]`},
			{name: "use_aliases", typ: "bool", kinds: []Kind{Service}, ownContainer: true, set: setUseAliases, def: "false", doc: "take the service's network aliases", example: "true"},
			{name: "cap_add", typ: "list of string", kinds: container, ownContainer: true, set: setCapAdd, doc: "capabilities added to the service's", example: `["NET_ADMIN"]`},
			{name: "cap_drop", typ: "list of string", kinds: container, ownContainer: true, set: setCapDrop, doc: "capabilities taken away from the service's", example: `["MKNOD"]`},
			{name: "container_name", typ: "string", kinds: container, ownContainer: true, named: "of a container", set: setContainerName, def: "`<project>-<service>-run-<random>`", doc: "name of the container; two runs cannot have it at once", example: `"debug"`},
			{name: "detach", typ: "bool", kinds: container, ownContainer: true, set: setDetach, def: "false", doc: "start in the background and print the container's name; it stays until `tasks down`", example: "true"},
			{name: "tty", typ: `bool or "auto"`, kinds: container, set: setTTY, def: `"auto"`, doc: "whether the container gets a terminal; auto: when stdin and stdout of `tasks` both are one", example: "false"},
			{name: "interactive", typ: "bool", kinds: container, set: setInteractive, def: "true", doc: "keep stdin open", example: "false"},
			{name: "rm", typ: "bool", kinds: container, ownContainer: true, set: setRM, def: "true", doc: "remove the container and its anonymous volumes after the run", example: "false"},
			{name: "no_deps", alias: "no-deps", typ: "bool", kinds: all, set: setNoDeps, def: "false", doc: "start no dependency service, Compose's or the task's; tasks in depends_on still run", example: "true"},
			{name: "matrix", typ: "map of lists", kinds: all, named: "of a run, in lists, labels and files", doc: "runs the task once for each combination of values: `matrix.KEY`", example: `{ db = ["15", "16"] }`},
			{name: "enabled", typ: "bool", kinds: all, def: "true", doc: "a task that is not enabled is skipped, with its dependencies, and counts as done", example: `platform.os == "linux"`},
			{name: "confirm", typ: "string", kinds: all, told: true, set: setConfirm, doc: "a question that is asked before anything starts", example: `"Deploy to production?"`},
			{name: "timeout", typ: "string", kinds: running, set: setTimeout, doc: "how long the command may take; what it waits for does not count", example: `"10m"`},
			{name: "stop_signal", typ: "string", kinds: running, set: setStopSignal, def: "the service's, else `SIGTERM`", doc: "the signal that asks the command to end", example: `"SIGINT"`},
			{name: "stop_grace_period", typ: "string", kinds: running, set: setStopGracePeriod, def: "the service's, else `\"10s\"`", doc: "how long it may then take before it is killed", example: `"30s"`},
			{name: "inputs", typ: "list of string", kinds: running, set: setInputs, def: "the task always runs", doc: "globs with `**` of what the command reads; unchanged since it last succeeded, a task that others depend on is skipped", example: `["src/**", "go.mod"]`},
			{name: "outputs", typ: "list of string", kinds: running, set: setOutputs, doc: "globs of what the command writes; each has to match a file for the task to be up to date", example: `["dist/app"]`},
			{name: "allow_failure", typ: "bool or list of number", kinds: running, set: setAllowFailure, def: "false", doc: "exit codes that count as success; `true`: all of them", example: "[1, 5]"},
			{name: "output_style", typ: "string", kinds: running, set: setOutputStyle, def: "as the `tasks` block says", doc: "how its output is shown: \"stream\", \"prefix\", \"group\" or \"quiet\"", example: `"group"`},
			{name: "dependency_policy", typ: "string", kinds: all, set: setDependencyPolicy, def: "that of the task which it is reached from, else `\"reuse\"`", doc: "what becomes of the services it needs: \"reuse\", \"transient\", \"ephemeral\" or \"external\"", example: `"ephemeral"`},
			{name: "lock", typ: "string", kinds: running, named: "of a file in .tasks/", set: setLock, doc: "a name that is held while the command runs, across processes", example: `"database"`},
		},
		blocks: []*blockType{argBlockType(), flagBlockType(), dependsBlockType(), preconditionBlockType(), retryBlockType(), watchBlockType()},
	}
}

func watchBlockType() *blockType {
	return &blockType{
		name: "watch", single: true,
		doc: "what `tasks watch` reacts to",
		attrs: []attribute{
			{name: "paths", typ: "list of string", def: "the task's `inputs`, else the bind mounts and build contexts of its service", doc: "globs with `**`", example: `["app/**/*.py"]`},
			{name: "ignore", typ: "list of string", doc: "globs that are left out", example: `["**/*.tmp"]`},
			{name: "debounce", typ: "string", def: `"50ms"`, doc: "quiet interval that ends a batch of changes", example: `"200ms"`},
		},
	}
}
