package starter

import (
	"path/filepath"
	"slices"
	"strings"

	"tasks/hclspec"
)

// composeRun is a call of `docker compose run` in a source.
type composeRun struct {
	service string
	command []string
	options hclspec.Options
}

// parseComposeRun reads a command line of plain words. Global flags of docker compose other than the files of the
// project have no equal.
func (p *project) parseComposeRun(dir string, words []string) (composeRun, bool) {
	switch {
	case p == nil || p.runCall == nil || len(words) < 3:
		return composeRun{}, false
	case words[0] == "docker-compose":
		words = words[1:]
	case words[0] == "docker" && words[1] == "compose":
		words = words[2:]
	default:
		return composeRun{}, false
	}
	var files []string
	for len(words) > 1 && (words[0] == "-f" || words[0] == "--file") {
		files, words = append(files, filepath.Join(dir, words[1])), words[2:]
	}
	if len(files) > 0 && !slices.Equal(files, p.compose.Model().ComposeFiles) || len(words) < 2 || words[0] != "run" {
		return composeRun{}, false
	}
	service, command, options, err := p.runCall(dir, words[1:])
	if err != nil || !p.isUsable(service) {
		return composeRun{}, false
	}
	return composeRun{service, command, options}, true
}

// block returns the attributes of the call. The starter file never has values of this environment.
func (r composeRun) block(p *project, root, dir string) (string, error) {
	in := p.inputs
	in.Cwd, in.Env, in.ProjectEnv = dir, func(string) (string, bool) { return "", false }, nil
	isRemoved := true
	r.options.RM = &isRemoved // a task leaves no container behind
	block, err := hclspec.OnceBlock(in, "x", r.service, r.command, r.options, root)
	if err != nil {
		return "", err
	}
	_, body, _ := strings.Cut(block, "{\n")
	body = strings.TrimSuffix(body, "}\n")
	lines := strings.Split(body, "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Join(strings.Fields(line), "") == "rm=true" })
	return strings.Join(lines, "\n"), nil
}

// setComposeRun makes a task of the service of a recipe that is a single call of `docker compose run`.
func (d *document) setComposeRun(t *task, s *source, lines []scriptLine) bool {
	if len(lines) != 1 || lines[0].ignoresErrors || s.choosesProject() {
		return false
	}
	line, isStatic := lines[0].text.static()
	if !isStatic {
		return false
	}
	words, isPlain := plainWords(line)
	if !isPlain {
		return false
	}
	call, isRun := s.project.parseComposeRun(s.dir(), words)
	if !isRun {
		return false
	}
	block, err := call.block(s.project, d.root, s.dir())
	if err != nil {
		return false
	}
	t.block, t.workdir, t.env = block, nil, nil
	return true
}

// choosesProject reports whether a source may set the variables that select another compose project.
func (s *source) choosesProject() bool {
	names := []string{"COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"}
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.Contains(string(s.content), name)
	})
}

// addComposeCalls adds tasks for the `docker compose run` lines of a text.
func addComposeCalls(d *document, s *source) error {
	count := 0
	var seen []string
	for i, line := range strings.Split(string(s.content), "\n") {
		call := composeCallIn(line)
		if call == "" {
			continue
		}
		count++
		if slices.Contains(seen, call) {
			continue
		}
		seen = append(seen, call)
		t := &task{name: "call", place: s.place(i + 1), description: "From " + s.name}
		if words, isPlain := plainWords(call); isPlain {
			if run, isRun := s.project.parseComposeRun(s.dir(), words); isRun {
				t.name = nameOfCall(run)
			}
		}
		if !d.setComposeRun(t, s, []scriptLine{{text: literal(call)}}) {
			d.note("%s: no equal for `%s`.", t.place, shorten(call))
			continue
		}
		d.tasks = append(d.tasks, t)
	}
	if count == 0 {
		d.note("%s: no `docker compose run` lines.", s.name)
	}
	return nil
}

// composeCallIn returns the call of `docker compose run` in a line of a text: from the name of the program to the end
// of the command.
func composeCallIn(line string) string {
	start := -1
	for _, name := range []string{"docker compose ", "docker-compose "} {
		if i := strings.Index(line, name); i >= 0 && (start < 0 || i < start) {
			start = i
		}
	}
	if start < 0 {
		return ""
	}
	call := line[start:]
	if start > 0 && line[start-1] == '`' {
		call, _, _ = strings.Cut(call, "`")
	}
	if words := strings.Fields(call); !slices.Contains(words, "run") {
		return ""
	}
	call = strings.TrimSpace(call)
	if start > 0 && (line[start-1] == '"' || line[start-1] == '\'') {
		call, _, _ = strings.Cut(call, line[start-1:start])
	}
	for _, end := range []string{" && ", " || ", "; ", " # "} {
		call, _, _ = strings.Cut(call, end)
	}
	return strings.TrimSpace(call)
}

// nameOfCall names a task after the command of a call: the words that are no program, flag or path.
func nameOfCall(run composeRun) string {
	words := slices.DeleteFunc(slices.Clone(run.command), func(word string) bool {
		return strings.HasPrefix(word, "-") || isLauncher(filepath.Base(word)) || strings.ContainsAny(word, "=$ *")
	})
	if len(words) == 0 {
		if len(run.command) == 0 {
			return run.service
		}
		words = []string{run.service + "-" + filepath.Base(run.command[0])}
	}
	name := filepath.Base(words[0])
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(words) > 1 {
		name = name[:i]
	}
	return strings.ReplaceAll(name, ":", "-")
}

// isLauncher reports whether a word starts another command.
func isLauncher(word string) bool {
	return slices.Contains([]string{
		"python", "python3", "manage.py", "uv", "poetry", "pipenv", "run", "bundle", "exec", "rails", "rake", "php",
		"artisan", "npm", "npx", "yarn", "pnpm", "bun", "node", "go", "mix", "sh", "bash", "cargo", "sudo", "env", "tool",
		"mvn", "gradle",
	}, word)
}
