package starter

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// script is a script of a package.json.
type packageScript struct {
	name, command string
	line          int
}

// packageScripts returns the scripts of a package.json in the order of the file. JSON is also YAML, and the YAML
// parser keeps order and places.
func packageScripts(content []byte) (scripts []packageScript, manager string, err error) {
	if !json.Valid(content) {
		return nil, "", fmt.Errorf("no valid JSON: correct the file")
	}
	var header struct {
		PackageManager string `json:"packageManager"`
	}
	_ = json.Unmarshal(content, &header) // another type gives no package manager
	manager, _, _ = strings.Cut(header.PackageManager, "@")
	root, err := parseYAML(content)
	if err != nil {
		return nil, "", err
	}
	for _, e := range entries(child(root, "scripts")) {
		if e.value.Kind == yaml.ScalarNode {
			scripts = append(scripts, packageScript{e.key.Value, e.value.Value, e.key.Line})
		}
	}
	return scripts, manager, nil
}

// packageManager returns the package manager of a directory: by the package.json, by the lock file, else npm.
func packageManager(dir, declared string) string {
	if slices.Contains([]string{"npm", "yarn", "pnpm", "bun"}, declared) {
		return declared
	}
	for _, lock := range [][2]string{
		{"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"}, {"bun.lockb", "bun"}, {"bun.lock", "bun"},
	} {
		if isFile(dir, lock[0]) {
			return lock[1]
		}
	}
	return "npm"
}

// isLifecycle reports whether the package manager itself runs a script, before or after another script or command.
func isLifecycle(name string, all []packageScript) bool {
	if slices.Contains([]string{
		"prepare", "preinstall", "install", "postinstall", "prepublish", "prepublishOnly", "prepack", "postpack",
		"dependencies",
	}, name) {
		return true
	}
	for _, prefix := range []string{"pre", "post"} {
		rest, hasPrefix := strings.CutPrefix(name, prefix)
		if hasPrefix && slices.ContainsFunc(all, func(s packageScript) bool { return s.name == rest }) {
			return true
		}
	}
	return false
}

// packageTasks returns the tasks of the scripts. npm passes arguments only behind `--`.
func packageTasks(dir string, scripts []packageScript, declared string) []*task {
	manager := packageManager(dir, declared)
	var tasks []*task
	for _, s := range scripts {
		if isLifecycle(s.name, scripts) || s.name == "" || s.name[0] == '-' {
			continue // the package manager would read a dash as a flag
		}
		words := []string{manager, "run", s.name}
		if manager == "npm" {
			words = append(words, "--")
		}
		tasks = append(tasks, &task{name: s.name, description: s.command, command: literals(words), passesArgs: true})
	}
	return tasks
}

// addPackageJSON adds the scripts of a package.json as host tasks.
func addPackageJSON(d *document, s *source) error {
	scripts, declared, err := packageScripts(s.content)
	if err != nil {
		return fmt.Errorf("--from %s: %w", s.name, err)
	}
	if len(scripts) > maxTasks {
		return tooManyTasks(s)
	}
	tasks := packageTasks(s.dir(), scripts, declared)
	if len(tasks) == 0 {
		d.note("%s: no scripts.", s.name)
	}
	for _, t := range tasks {
		t.workdir = d.workdirOf(s.dir())
		d.tasks = append(d.tasks, t)
	}
	return nil
}

// nodeTasks returns the scripts of a service's package.json. The script of the service's own command is left out.
func (c code) nodeTasks(d *document) []*task {
	scripts, declared, err := packageScripts(readSmall(filepath.Join(c.dir, "package.json")))
	if err != nil {
		d.note("%s: %s", d.relative(filepath.Join(c.dir, "package.json")), err)
		return nil
	}
	tasks := packageTasks(c.dir, scripts, declared)
	tasks = slices.DeleteFunc(tasks, func(t *task) bool {
		return slices.Contains([]string{"start", "dev", "serve", "start:dev", "start:prod", "watch"}, t.name)
	})
	for _, t := range tasks {
		t.service = c.service.Name
	}
	if len(tasks) == 0 || slices.Contains([]string{"node", "bun", ""}, c.image) {
		return tasks
	}
	for _, t := range tasks {
		t.service, t.workdir = "", d.workdirOf(c.dir)
		t.comments = append(t.comments, c.hostComment("node"))
	}
	return tasks
}
