package hclspec

// taskBlockType is the one table of a task's attributes: it drives decoding, the check of what can act on which kind of
// task, and the reference in docs/language.md.
func taskBlockType() *blockType {
	container := []TaskKind{ServiceTask, ImageTask}
	running := []TaskKind{HostTask, ServiceTask, ImageTask}
	all := []TaskKind{GroupTask, HostTask, ServiceTask, ImageTask}
	return &blockType{
		name: "task", label: "task",
		doc: "something that can be run by name",
		attrs: []attributeType{
			{name: "description", typeText: "literal string", kinds: all, isStatic: true, doc: "what `tasks list` shows", example: `"Run the tests"`},
			{name: "group", typeText: "literal string", kinds: all, isStatic: true, doc: "the heading that `tasks list` shows it under", example: `"Database"`},
			{name: "aliases", typeText: "list of literal strings", kinds: all, isStatic: true, doc: "other names of the task on the command line", example: `["unit"]`},
			{name: "hidden", typeText: "literal bool", kinds: all, isStatic: true, defaultText: "false", doc: "left out of `tasks list` and completion", example: "true"},
			{name: "depends_on", typeText: "list of references", kinds: all, isStatic: true, doc: "tasks and services that must be done or ready first", example: "[task.lint, service.db.healthy]"},
			{name: "finally", typeText: "list of references", kinds: all, isStatic: true, doc: "tasks that follow it on success, failure, timeout and signals; they see `result.*`", example: "[task.lint]"},
			{name: "extends", typeText: "list of references", kinds: all, isStatic: true, doc: "tasks whose attributes and blocks it takes over, unless it has its own", example: "[task.lint]"},
			{name: "service", typeText: "string", kinds: []TaskKind{ServiceTask}, set: setService, doc: "the compose service whose configuration the one-off container takes", example: `"web"`},
			{name: "image", typeText: "string", kinds: []TaskKind{ImageTask}, set: setImage, doc: "the image of the one-off container, which joins the project's default network", example: `"alpine:3.22"`},
			{name: "mode", typeText: "string", kinds: []TaskKind{ServiceTask}, set: setMode, defaultText: `"run"`, doc: "\"run\": in a one-off container of the service; \"exec\": in the container of the service that runs", example: `"run"`},
			{name: "command", typeText: "list or string", kinds: running, allowsRunTime: true, set: setCommand, defaultText: "the service's or image's own", doc: "what is run, never looked at by a shell", example: `["pytest", args]`},
			{name: "script", typeText: "string", kinds: running, allowsRunTime: true, set: setScript, doc: "text for the shell, in place of a command", example: `"echo $1"`},
			{name: "shell", typeText: "list or string", kinds: running, set: setShell, defaultText: `["sh", "-euc"]`, doc: "what the script is given to", example: `["bash", "-euc"]`},
			{name: "entrypoint", typeText: "list or string", kinds: container, needsOwnContainer: true, set: setEntrypoint, defaultText: "the service's or image's own", doc: "overrides the entrypoint; `\"\"` resets it", example: `["/entry"]`},
			{name: "env", typeText: "map of string", kinds: running, allowsRunTime: true, mergesByKey: true, set: setEnv, doc: "adds to or overrides the environment; `null` unsets", example: `{ CI = "1" }`},
			{name: "env_files", typeText: "list of string", kinds: running, set: setEnvFiles, doc: "dotenv files that add to the environment, beneath `env`; a later one wins", example: `[".env.test"]`},
			{name: "pass_env", typeText: "list of string", kinds: container, set: setPassEnv, doc: "variables of the environment of `tasks` that the container gets, beneath `env_files`; `*` stands for any text", example: `["CI", "AWS_*"]`},
			{name: "labels", typeText: "map of string", kinds: container, needsOwnContainer: true, mergesByKey: true, set: setLabels, doc: "adds or overrides labels of the container", example: `{ team = "shop" }`},
			{name: "user", typeText: "string", kinds: container, set: setUser, defaultText: "the service's or image's own", doc: "user or uid, with an optional group", example: `"1000:1000"`},
			{name: "workdir", typeText: "string", kinds: running, set: setWorkdir, defaultText: "the service's or image's own; on the host the project's directory", doc: "working directory", example: `"/src"`},
			{name: "ports", typeText: "list of string", kinds: container, needsOwnContainer: true, set: setPorts, defaultText: "nothing is published", doc: "published ports, Compose's short forms", example: `["8000:8000"]`},
			{name: "service_ports", typeText: "bool", kinds: []TaskKind{ServiceTask}, needsOwnContainer: true, set: setServicePorts, defaultText: "false", doc: "publish the service's own ports; not together with `ports`", example: "true"},
			{name: "volumes", typeText: "list of string", kinds: container, needsOwnContainer: true, set: setVolumes, doc: "added mounts, Compose's short form", example: `["./data:/data:ro"]`},
			{name: "use_aliases", typeText: "bool", kinds: []TaskKind{ServiceTask}, needsOwnContainer: true, set: setUseAliases, defaultText: "false", doc: "take the service's network aliases", example: "true"},
			{name: "cap_add", typeText: "list of string", kinds: container, needsOwnContainer: true, set: setCapAdd, doc: "capabilities added to the service's", example: `["NET_ADMIN"]`},
			{name: "cap_drop", typeText: "list of string", kinds: container, needsOwnContainer: true, set: setCapDrop, doc: "capabilities taken away from the service's", example: `["MKNOD"]`},
			{name: "container_name", typeText: "string", kinds: container, needsOwnContainer: true, nameOf: "of a container", set: setContainerName, defaultText: "`<project>-<service>-run-<random>`", doc: "name of the container; two runs cannot have it at once", example: `"debug"`},
			{name: "detach", typeText: "bool", kinds: container, needsOwnContainer: true, set: setDetach, defaultText: "false", doc: "start in the background and print the container's name; it stays until `tasks down`", example: "true"},
			{name: "tty", typeText: `bool or "auto"`, kinds: container, set: setTTY, defaultText: `"auto"`, doc: "whether the container gets a terminal; auto: when stdin and stdout of `tasks` both are one", example: "false"},
			{name: "interactive", typeText: "bool", kinds: container, set: setInteractive, defaultText: "true", doc: "keep stdin open", example: "false"},
			{name: "rm", typeText: "bool", kinds: container, needsOwnContainer: true, set: setRM, defaultText: "true", doc: "remove the container and its anonymous volumes after the run", example: "false"},
			{name: "no_deps", alias: "no-deps", typeText: "bool", kinds: all, set: setNoDeps, defaultText: "false", doc: "start no dependency service, Compose's or the task's; tasks in depends_on still run", example: "true"},
			{name: "matrix", typeText: "map of lists", kinds: all, nameOf: "of a run, in lists, labels and files", doc: "runs the task once for each combination of values: `matrix.KEY`", example: `{ db = ["15", "16"] }`},
			{name: "enabled", typeText: "bool", kinds: all, defaultText: "true", doc: "a task that is not enabled is skipped, with its dependencies, and counts as done", example: `platform.os == "linux"`},
			{name: "confirm", typeText: "string", kinds: all, isMessage: true, set: setConfirm, doc: "a question that is asked before anything starts", example: `"Deploy to production?"`},
			{name: "timeout", typeText: "string", kinds: running, set: setTimeout, doc: "how long the command may take; what it waits for does not count", example: `"10m"`},
			{name: "stop_signal", typeText: "string", kinds: running, set: setStopSignal, defaultText: "the service's, else `SIGTERM`", doc: "the signal that asks the command to end", example: `"SIGINT"`},
			{name: "stop_grace_period", typeText: "string", kinds: running, set: setStopGracePeriod, defaultText: "the service's, else `\"10s\"`", doc: "how long it may then take before it is killed", example: `"30s"`},
			{name: "inputs", typeText: "list of string", kinds: running, set: setInputs, defaultText: "the task always runs", doc: "globs with `**` of what the command reads; unchanged since it last succeeded, a task that others depend on is skipped", example: `["src/**", "go.mod"]`},
			{name: "outputs", typeText: "list of string", kinds: running, set: setOutputs, doc: "globs of what the command writes; each has to match a file for the task to be up to date", example: `["dist/app"]`},
			{name: "allow_failure", typeText: "bool or list of number", kinds: running, set: setAllowFailure, defaultText: "false", doc: "exit codes that count as success; `true`: all of them", example: "[1, 5]"},
			{name: "output_style", typeText: "string", kinds: running, set: setOutputStyle, defaultText: "as the `tasks` block says", doc: "how its output is shown: \"stream\", \"prefix\", \"group\" or \"quiet\"", example: `"group"`},
			{name: "dependency_policy", typeText: "string", kinds: all, set: setDependencyPolicy, defaultText: "that of the task which it is reached from, else `\"reuse\"`", doc: "what becomes of the services it needs: \"reuse\", \"transient\", \"ephemeral\" or \"external\"", example: `"ephemeral"`},
			{name: "lock", typeText: "string", kinds: running, nameOf: "of a file in .tasks/", set: setLock, doc: "a name that is held while the command runs, across processes", example: `"database"`},
		},
		blocks: []*blockType{argBlockType(), flagBlockType(), dependsBlockType(), preconditionBlockType(), retryBlockType(), watchBlockType()},
	}
}

func watchBlockType() *blockType {
	return &blockType{
		name: "watch", isSingle: true,
		doc: "what `tasks watch` reacts to",
		attrs: []attributeType{
			{name: "paths", typeText: "list of string", defaultText: "the task's `inputs`, else the bind mounts and build contexts of its service", doc: "globs with `**`", example: `["app/**/*.py"]`},
			{name: "ignore", typeText: "list of string", doc: "globs that are left out", example: `["**/*.tmp"]`},
			{name: "debounce", typeText: "string", defaultText: `"50ms"`, doc: "quiet interval that ends a batch of changes", example: `"200ms"`},
		},
	}
}
