package config

import "slices"

// TaskBlockType is the only table of a task's attributes. Decoding and the check by kind use the table, and a test
// compares docs/language.md with it.
func TaskBlockType() *BlockType {
	return &BlockType{
		Name: "task", Label: "task",
		Doc:   "something that can be run by name",
		Attrs: slices.Concat(listingAttributes(), commandAttributes(), containerAttributes(), runAttributes()),
		Blocks: []*BlockType{argBlockType(), flagBlockType(), dependsBlockType(), preconditionBlockType(), retryBlockType(),
			watchBlockType()},
	}
}

// listingAttributes describe a task and connect it with other tasks.
func listingAttributes() []AttributeType {
	all := []TaskKind{GroupTask, HostTask, ServiceTask, ImageTask}
	return []AttributeType{
		{Name: "description", TypeText: "literal string", Kinds: all, IsStatic: true, Doc: "what `tasks list` shows",
			Example: `"Run the tests"`},
		{Name: "group", TypeText: "literal string", Kinds: all, IsStatic: true,
			Doc: "the heading that `tasks list` shows it under", Example: `"Database"`},
		{Name: "aliases", TypeText: "list of literal strings", Kinds: all, IsStatic: true,
			Doc: "other names of the task on the command line", Example: `["unit"]`},
		{Name: "hidden", TypeText: "literal bool", Kinds: all, IsStatic: true, DefaultText: "false",
			Doc: "left out of `tasks list` and completion", Example: "true"},
		{Name: "depends_on", TypeText: "list of references", Kinds: all, IsStatic: true,
			Doc: "tasks and services that must be done or ready first", Example: "[task.lint, service.db.healthy]"},
		{Name: "steps", TypeText: "list of references", Kinds: []TaskKind{GroupTask}, IsStatic: true,
			Doc:     "tasks and services in the place of a command, one after the other, each with all that it needs",
			Example: "[task.lint, service.db.healthy]"},
		{Name: "finally", TypeText: "list of references", Kinds: all, IsStatic: true,
			Doc: "tasks that follow it on success, failure, timeout and signals; they see `result.*`", Example: "[task.lint]"},
		{Name: "extends", TypeText: "list of references", Kinds: all, IsStatic: true,
			Doc: "tasks whose attributes and blocks it takes over, unless it has its own", Example: "[task.lint]"},
	}
}

// commandAttributes say where and what a task runs.
func commandAttributes() []AttributeType {
	container := []TaskKind{ServiceTask, ImageTask}
	running := []TaskKind{HostTask, ServiceTask, ImageTask}
	return []AttributeType{
		{Name: "service", TypeText: "string", Kinds: []TaskKind{ServiceTask},
			Doc: "the compose service whose configuration the one-off container takes", Example: `"web"`},
		{Name: "job", TypeText: "string", Kinds: []TaskKind{ServiceTask},
			Doc:     "the job of the compose file (`jobs:`) whose configuration the one-off container takes, as a service's",
			Example: `"migrate"`},
		{Name: "image", TypeText: "string", Kinds: []TaskKind{ImageTask},
			Doc: "the image of the one-off container, which joins the project's default network", Example: `"alpine:3.22"`},
		{Name: "mode", TypeText: "string", Kinds: []TaskKind{ServiceTask}, DefaultText: `"run"`,
			Doc:     "\"run\": in a one-off container of the service; \"exec\": in the container of the service that runs",
			Example: `"run"`},
		{Name: "command", TypeText: "list or string", Kinds: running, AllowsRunTime: true,
			DefaultText: "the service's or image's own", Doc: "what is run, never looked at by a shell",
			Example: `["pytest", args]`},
		{Name: "script", TypeText: "string", Kinds: running, AllowsRunTime: true,
			Doc: "text for the shell, in place of a command", Example: `"echo $1"`},
		{Name: "shell", TypeText: "list or string", Kinds: running, DefaultText: `["sh", "-euc"]`,
			Doc: "what the script is given to", Example: `["bash", "-euc"]`},
		{Name: "entrypoint", TypeText: "list or string", Kinds: container, NeedsOwnContainer: true,
			DefaultText: "the service's or image's own", Doc: "overrides the entrypoint; `\"\"` resets it",
			Example: `["/entry"]`},
		{Name: "env", TypeText: "map of string", Kinds: running, AllowsRunTime: true, MergesByKey: true,
			Doc: "adds to or overrides the environment; `null` unsets", Example: `{ CI = "1" }`},
		{Name: "env_files", TypeText: "list of string", Kinds: running,
			Doc: "dotenv files that add to the environment, beneath `env`; a later one wins", Example: `[".env.test"]`},
		{Name: "pass_env", TypeText: "list of string", Kinds: container,
			Doc: "variables of the environment of `tasks` that the container gets, beneath `env_files`; `*` stands for any " +
				"text", Example: `["CI", "AWS_*"]`},
		{Name: "labels", TypeText: "map of string", Kinds: container, NeedsOwnContainer: true, MergesByKey: true,
			Doc: "adds or overrides labels of the container", Example: `{ team = "shop" }`},
	}
}

// containerAttributes shape the container of a task.
func containerAttributes() []AttributeType {
	container := []TaskKind{ServiceTask, ImageTask}
	running := []TaskKind{HostTask, ServiceTask, ImageTask}
	all := []TaskKind{GroupTask, HostTask, ServiceTask, ImageTask}
	return []AttributeType{
		{Name: "user", TypeText: "string", Kinds: container, DefaultText: "the service's or image's own",
			Doc: "user or uid, with an optional group", Example: `"1000:1000"`},
		{Name: "workdir", TypeText: "string", Kinds: running,
			DefaultText: "the service's or image's own; on the host the project's directory", Doc: "working directory",
			Example: `"/src"`},
		{Name: "ports", TypeText: "list of string", Kinds: container, NeedsOwnContainer: true,
			DefaultText: "nothing is published", Doc: "published ports, Compose's short forms", Example: `["8000:8000"]`},
		{Name: "service_ports", TypeText: "bool", Kinds: []TaskKind{ServiceTask}, NeedsOwnContainer: true,
			DefaultText: "false", Doc: "publish the service's own ports; not together with `ports`", Example: "true"},
		{Name: "volumes", TypeText: "list of string", Kinds: container, NeedsOwnContainer: true,
			Doc: "added mounts, Compose's short form", Example: `["./data:/data:ro"]`},
		{Name: "use_aliases", TypeText: "bool", Kinds: []TaskKind{ServiceTask}, NeedsOwnContainer: true,
			DefaultText: "false", Doc: "take the service's network aliases", Example: "true"},
		{Name: "cap_add", TypeText: "list of string", Kinds: container, NeedsOwnContainer: true,
			Doc: "capabilities added to the service's", Example: `["NET_ADMIN"]`},
		{Name: "cap_drop", TypeText: "list of string", Kinds: container, NeedsOwnContainer: true,
			Doc: "capabilities taken away from the service's", Example: `["MKNOD"]`},
		{Name: "container_name", TypeText: "string", Kinds: container, NeedsOwnContainer: true, NameOf: "of a container",
			DefaultText: "`<project>-<service>-run-<random>`", Doc: "name of the container; two runs cannot have it at once",
			Example: `"debug"`},
		{Name: "detach", TypeText: "bool", Kinds: container, NeedsOwnContainer: true, DefaultText: "false",
			Doc: "start in the background and print the container's name; it stays until `tasks down`", Example: "true"},
		{Name: "tty", TypeText: `bool or "auto"`, Kinds: container, DefaultText: `"auto"`,
			Doc:     "whether the container gets a terminal; auto: when stdin and stdout of `tasks` both are one",
			Example: "false"},
		{Name: "interactive", TypeText: "bool", Kinds: container, DefaultText: "true", Doc: "keep stdin open",
			Example: "false"},
		{Name: "rm", TypeText: "bool", Kinds: container, NeedsOwnContainer: true, DefaultText: "true",
			Doc: "remove the container and its anonymous volumes after the run", Example: "false"},
		{Name: "no_deps", Alias: "no-deps", TypeText: "bool", Kinds: all, DefaultText: "false",
			Doc: "start no dependency service, Compose's or the task's; tasks in depends_on still run", Example: "true"},
	}
}

// runAttributes control the runs of a task.
func runAttributes() []AttributeType {
	running := []TaskKind{HostTask, ServiceTask, ImageTask}
	all := []TaskKind{GroupTask, HostTask, ServiceTask, ImageTask}
	return []AttributeType{
		{Name: "matrix", TypeText: "map of lists", Kinds: all, NameOf: "of a run, in lists, labels and files",
			Doc: "runs the task once for each combination of values: `matrix.KEY`", Example: `{ db = ["15", "16"] }`},
		{Name: "shards", TypeText: "number", Kinds: running, NameOf: "of a run, in lists, labels and files",
			Doc: "runs the task as so many shards: `shard.index`, `shard.count`", Example: "8"},
		{Name: "shard_items", TypeText: "list or string", Kinds: running, AllowsRunTime: true,
			Doc:     "what is divided among the shards, `shard.items`; a string: its lines",
			Example: `["unit", "browser", "report"]`},
		{Name: "shard_timings", TypeText: "list of string", Kinds: running,
			Doc:     "globs of JUnit files with the times of the items, so that all shards take equally long",
			Example: `["reports/*.xml"]`},
		{Name: "on_lost", TypeText: "string", Kinds: []TaskKind{ServiceTask, ImageTask}, NeedsOwnContainer: true,
			DefaultText: `"fail"`, Doc: "what follows the loss of the command's container: \"fail\", or \"retry\" once more",
			Example: `"retry"`},
		{Name: "enabled", TypeText: "bool", Kinds: all, DefaultText: "true",
			Doc:     "a task that is not enabled is skipped, with its dependencies, and counts as done",
			Example: `platform.os == "linux"`},
		{Name: "confirm", TypeText: "string", Kinds: all, IsMessage: true,
			Doc: "a question that is asked before anything starts", Example: `"Deploy to production?"`},
		{Name: "timeout", TypeText: "string", Kinds: running,
			Doc: "how long the command may take; what it waits for does not count", Example: `"10m"`},
		{Name: "stop_signal", TypeText: "string", Kinds: running, DefaultText: "the service's, else `SIGTERM`",
			Doc: "the signal that asks the command to end", Example: `"SIGINT"`},
		{Name: "stop_grace_period", TypeText: "string", Kinds: running, DefaultText: "the service's, else `\"10s\"`",
			Doc: "how long it may then take before it is killed", Example: `"30s"`},
		{Name: "inputs", TypeText: "list of string", Kinds: running, DefaultText: "the task always runs",
			Doc: "globs with `**` of what the command reads; unchanged since it last succeeded, a task that others depend on " +
				"is skipped", Example: `["src/**", "go.mod"]`},
		{Name: "outputs", TypeText: "list of string", Kinds: running,
			Doc:     "globs of what the command writes; each has to match a file for the task to be up to date",
			Example: `["dist/app"]`},
		{Name: "allow_failure", TypeText: "bool or list of number", Kinds: running, DefaultText: "false",
			Doc: "exit codes that count as success; `true`: all of them", Example: "[1, 5]"},
		{Name: "output_style", TypeText: "string", Kinds: running, DefaultText: "as the `tasks` block says",
			Doc: "how its output is shown: \"stream\", \"prefix\", \"group\" or \"quiet\"", Example: `"group"`},
		{Name: "dependency_policy", TypeText: "string", Kinds: all,
			DefaultText: "that of the task which it is reached from, else `\"reuse\"`",
			Doc:         "what becomes of the services it needs: \"reuse\", \"transient\", \"ephemeral\" or \"external\"",
			Example:     `"ephemeral"`},
		{Name: "compose_files", TypeText: "list of string", Kinds: all,
			Doc: "compose files laid over those of the project, for this task and the services that it needs; a later one " +
				"wins", Example: `["compose.test.yaml"]`},
		{Name: "profiles", TypeText: "list of string", Kinds: all,
			Doc: "profiles of the compose files that are active for this task and the services that it needs, beside the " +
				"others", Example: `["debug"]`},
		{Name: "lock", TypeText: "string", Kinds: running, NameOf: "of a file in .tasks/",
			Doc: "a name that is held while the command runs, across processes", Example: `"database"`},
	}
}

func watchBlockType() *BlockType {
	return &BlockType{
		Name: "watch", IsSingle: true,
		Doc: "what `tasks watch` reacts to",
		Attrs: []AttributeType{
			{Name: "paths", TypeText: "list of string",
				DefaultText: "the task's `inputs`, else the bind mounts and build contexts of its service", Doc: "globs with `**`",
				Example: `["app/**/*.py"]`},
			{Name: "ignore", TypeText: "list of string", Doc: "globs that are left out", Example: `["**/*.tmp"]`},
			{Name: "graph", TypeText: "bool", DefaultText: "`true` for a group, else `false`",
				Doc: "watch the inputs of the dependency tasks as well", Example: `true`},
			{Name: "debounce", TypeText: "string", DefaultText: `"50ms"`, Doc: "quiet interval that ends a batch of changes",
				Example: `"200ms"`},
			{Name: "on_busy", TypeText: "string", DefaultText: `"restart"`,
				Doc: "the reaction to a change during a run: \"restart\", \"queue\" or \"ignore\"", Example: `"queue"`},
			{Name: "initial", TypeText: "bool", DefaultText: "`true`", Doc: "run once before the first change",
				Example: `false`},
			{Name: "clear", TypeText: "bool", DefaultText: "`false`", Doc: "clear the terminal before each rerun",
				Example: `true`},
			{Name: "poll", TypeText: "bool", DefaultText: "`false`",
				Doc: "read the directories every second, for file systems without events", Example: `true`},
		},
	}
}
