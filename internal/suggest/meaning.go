package suggest

import (
	"slices"
	"strings"
)

// ByMeaning returns the candidate with the meaning of a name from another tool: Compose, Make, just, Task, mise, npm or
// GitHub Actions. Empty: the name is not known, or no candidate has the meaning.
func ByMeaning(name string, candidates []string) string {
	for _, s := range synonyms() {
		if slices.Contains(candidates, s.ours) && slices.Contains(strings.Fields(s.theirs), normalizeName(name)) {
			return s.ours
		}
	}
	return ""
}

// NearestName returns the candidate with the meaning of a name, else the nearest candidate, or "".
func NearestName(name string, candidates []string) string {
	if meant := ByMeaning(name, candidates); meant != "" {
		return meant
	}
	return Nearest(name, candidates)
}

// synonym is a name of this program, with the names of other tools for the same.
type synonym struct{ ours, theirs string }

// synonyms are in order of preference. The candidates of the block come first, then the order.
func synonyms() []synonym {
	return []synonym{
		{"command", "cmd cmds commands run exec execute recipe"},
		{"exec", "cmd command test healthcheck"},
		{"script", "scripts body bash sh lines"},
		{"steps", "sequence seq serial step"},
		{"depends_on", "deps dep needs need dependency require requires prerequisite prerequisites before pre setup"},
		{"finally", "after post cleanup always defer after_script teardown ensure"},
		{"env", "environment envs vars variables environ"},
		{"env_files", "env_file dotenv dotenvs environment_file"},
		{"workdir", "working_dir working_directory cwd dir directory chdir pwd work_dir"},
		{"description", "desc summary doc docs help comment title"},
		{"inputs", "sources source src srcs files input_files"},
		{"outputs", "generates generate artifact artifacts produces output_files"},
		{"service", "container containers build"},
		{"image", "container docker"},
		{"enabled", "if when condition only_if only status skip disabled"},
		{"allow_failure", "continue_on_error ignore_error ignore_errors ignore_failure"},
		{"timeout", "timeout_minutes timeout_seconds time_limit deadline"},
		{"matrix", "strategy for for_each foreach parameters"},
		{"confirm", "prompt ask"},
		{"hidden", "internal private hide"},
		{"aliases", "alias"},
		{"output_style", "silent quiet output log"},
		{"stop_grace_period", "stop_timeout grace grace_period kill_timeout"},
		{"ports", "expose publish port"},
		{"volumes", "mounts mount volume binds"},
		{"extends", "inherit inherits base template extend uses"},
		{"lock", "mutex concurrency semaphore"},
		{"detach", "background detached daemon"},
		{"rm", "remove auto_remove cleanup"},
		{"user", "username uid runas run_as"},
		{"interactive", "stdin_open stdin"},
		{"pass_env", "passenv env_passthrough pass_environment export"},
		{"precondition", "preconditions assert check"},
		{"retry", "attempts restart"},
		{"watch", "develop sync"},
		{"group", "category section namespace tag tags"},
		{"args", "arguments argv params positional with"},
		{"arg", "argument param parameter positional input"},
		{"flag", "option opt switch"},
		{"sensitive", "secret masked mask password"},
		{"default", "value"},
		{"enum", "choices options values choice allowed one_of"},
		{"short", "letter shorthand"},
		{"validation", "pattern regex validate"},
		{"error_message", "message msg error"},
		{"tcp", "port"},
		{"http", "url"},
		{"paths", "files sources patterns glob globs include inputs"},
		{"ignore", "exclude excludes except"},
		{"debounce", "delay interval wait"},
		{"task", "job jobs target recipe rule step run command"},
		{"variable", "var vars input env environment"},
		{"locals", "local let const"},
		{"include", "import imports module modules includes"},
		{"tasks", "settings config workflow options set"},
		{"defaults", "default"},
		{"compose", "docker compose_file docker_compose"},
		{"files", "compose_file compose_files"},
		{"project", "name project_name"},
		{"project_directory", "working_dir workdir dir directory"},
	}
}

// CommandOf returns the command line with the meaning of a command from another tool; empty: not known.
func CommandOf(word string) string {
	for _, s := range commandSynonyms() {
		if slices.Contains(strings.Fields(s.theirs), word) {
			return s.ours
		}
	}
	return ""
}

func commandSynonyms() []synonym {
	return []synonym{
		{"tasks up", "start create serve compose docker docker-compose"},
		{"tasks up --build", "build rebuild bake"},
		{"tasks up --pull always", "pull"},
		{"tasks down", "stop kill rm remove clean prune destroy teardown"},
		{"tasks once SERVICE", "exec shell sh bash attach"},
		{"tasks ps", "status top port images stats containers"},
		{"tasks logs -f", "tail follow log"},
		{"tasks validate", "config check lint-file verify"},
		{"tasks list", "ls tasks summary ll menu"},
		{"tasks show TASK", "describe inspect info usage cat explain"},
		{"tasks graph", "deps tree dependencies dag"},
		{"tasks plan TASK", "dry-run diff preview"},
		{"tasks run TASK", "task do call invoke make choose apply r x"},
		{"tasks watch TASK", "dev develop"},
		{"tasks console", "repl eval evaluate"},
		{"tasks fmt", "format tidy"},
		{"tasks down && tasks up", "restart recreate reload"},
		{"tasks init", "new import scaffold bootstrap"},
		{"tasks once --as-task", "generate add"},
		{"tasks doctor", "diagnose troubleshoot health"},
		{"tasks docs", "doc documentation"},
		{"tasks completion SHELL", "completions autocomplete"},
		{"tasks version", "about"},
		{"tasks metadata", "schema"},
		{"tasks help COMMAND", "man"},
	}
}
