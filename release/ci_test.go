package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// step is a step of a composite action.
type step struct {
	ID, If, Uses, Shell, Run string
	Dir                      string `yaml:"working-directory"`
	Env, With                map[string]string
}

// action is a composite action.
type action struct {
	Name, Description string
	Inputs            map[string]struct {
		Description, Default string
		Required             bool
	}
	Runs struct {
		Using string
		Steps []step
	}
}

// decodeFile decodes the documents of a YAML file. Unknown keys of a document are errors.
func decodeFile(t *testing.T, path string, documents ...any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	for _, d := range documents {
		if err := decoder.Decode(d); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		t.Fatalf("%s has more documents: %v", path, err)
	}
}

// expand replaces the expressions of a text. An unknown expression is an error.
func expand(t *testing.T, text string, pattern *regexp.Regexp, values map[string]string) string {
	t.Helper()
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		name := pattern.FindStringSubmatch(found)[1]
		value, isKnown := values[name]
		if !isKnown {
			t.Errorf("unknown expression %s", found)
		}
		return value
	})
}

// runner performs an action as a runner of GitHub does, as far as action.yml needs. The cache is a directory.
type runner struct {
	t       *testing.T
	dir     string
	values  map[string]string
	path    string
	isSaved bool
}

// run performs the steps, and returns their output. Files have the outputs of steps, and the directories for PATH.
func (r *runner) run(a action) string {
	r.t.Helper()
	var all strings.Builder
	for _, s := range a.Runs.Steps {
		switch s.If {
		case "steps.cache.outputs.cache-hit != 'true'":
			if r.isSaved {
				continue
			}
		case "inputs.run != ''":
			if r.values["inputs.run"] == "" {
				continue
			}
		case "":
		default:
			r.t.Fatalf("unknown condition %s", s.If)
		}
		if s.Uses != "" {
			r.isSaved = r.restore(s)
			continue
		}
		all.WriteString(r.shell(s))
	}
	return all.String()
}

var githubExpression = regexp.MustCompile(`\$\{\{ ([a-z_.-]+) \}\}`)

func (r *runner) restore(s step) bool {
	r.t.Helper()
	if !strings.HasPrefix(s.Uses, "actions/cache@v") || strings.Contains(expand(r.t, s.With["key"], githubExpression, r.values), "--") {
		r.t.Errorf("%+v", s)
	}
	_, err := os.Stat(filepath.Join(expand(r.t, s.With["path"], githubExpression, r.values), "tasks"))
	return err == nil
}

// shell runs the lines of a step as GitHub does for `shell: bash`.
func (r *runner) shell(s step) string {
	r.t.Helper()
	outputs, paths := filepath.Join(r.dir, "outputs"), filepath.Join(r.dir, "paths")
	for _, file := range []string{outputs, paths} {
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(r.t.Context(), s.Shell, "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	action, err := filepath.Abs("..")
	if err != nil {
		r.t.Fatal(err)
	}
	cmd.Env = []string{
		"PATH=" + r.path, "HOME=" + r.dir, "GITHUB_OUTPUT=" + outputs, "GITHUB_PATH=" + paths, "GITHUB_ACTION_PATH=" + action,
		"RUNNER_TOOL_CACHE=" + filepath.Join(r.dir, "cache"),
	}
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+expand(r.t, value, githubExpression, r.values))
	}
	cmd.Dir = filepath.Join(r.dir, expand(r.t, s.Dir, githubExpression, r.values))
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", s.Run, err, out)
	}
	text, err := os.ReadFile(outputs)
	more, err2 := os.ReadFile(paths)
	if err := errors.Join(err, err2); err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.values["steps."+s.ID+".outputs."+name] = value
	}
	for line := range strings.Lines(string(more)) {
		r.path = strings.TrimSpace(line) + ":" + r.path
	}
	return string(out)
}

// TestAction performs action.yml: the first time the program is downloaded, the second time the program is in the cache.
func TestAction(t *testing.T) {
	var a action
	decodeFile(t, "../action.yml", &a)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"github.server_url": "https://example.com", "github.action_repository": "o/tasks", "runner.os": "Linux", "runner.arch": "X64",
	}
	for name, input := range a.Inputs {
		if input.Required == (input.Default != "") && input.Required || input.Description == "" {
			t.Errorf("input %s: %+v", name, input)
		}
		values["inputs."+name] = input.Default
	}
	values["inputs.version"], values["inputs.run"], values["inputs.directory"] = "v1.2.3", "test -k *", "sub"
	values["inputs.downloads"] = downloadServer(t, nil)
	r := &runner{t: t, dir: dir, values: values, path: os.Getenv("PATH")}
	if out := r.run(a); !strings.Contains(out, "installed fake version") || !strings.HasSuffix(out, "\nfake run test -k *\n") {
		t.Error(out)
	}
	r.values["inputs.downloads"] = "" // the address of the repository
	if out := r.run(a); out != "fake run test -k *\n" {
		t.Error(out)
	}
	if got := r.values["steps.place.outputs.downloads"]; got != "https://example.com/o/tasks/releases/download/v1.2.3" {
		t.Error(got)
	}
	r.values["inputs.run"] = ""
	if out := r.run(a); out != "" {
		t.Error(out)
	}
}

// TestGitLab performs templates/tasks.yml: the lines of the job in one shell, as GitLab does.
func TestGitLab(t *testing.T) {
	var head struct {
		Spec struct {
			Inputs map[string]struct{ Description, Default string }
		}
	}
	jobs := map[string]struct {
		Stage, Image string
		Variables    map[string]string
		Cache        struct {
			Key   string
			Paths []string
		}
		Before []string `yaml:"before_script"`
		Script []string
	}{}
	decodeFile(t, "../templates/tasks.yml", &head, &jobs)
	values := map[string]string{}
	for name, input := range head.Spec.Inputs {
		values[name] = input.Default
	}
	values["version"], values["run"], values["downloads"] = "1.2.3", "test -k 'a b'", downloadServer(t, nil)
	pattern := regexp.MustCompile(`\$\[\[ inputs\.([a-z]+) \]\]`)
	names := slices.Collect(maps.Keys(jobs))
	if len(names) != 1 || expand(t, names[0], pattern, values) != "tasks" {
		t.Fatalf("%q", names)
	}
	job, dir := jobs[names[0]], t.TempDir()
	if !slices.Equal(job.Cache.Paths, []string{".tasks-program"}) || expand(t, job.Cache.Key, pattern, values) != "tasks-1.2.3" {
		t.Errorf("%+v", job.Cache)
	}
	for i, want := range []string{"installed fake version", ""} {
		lines := strings.Join(slices.Concat(job.Before, job.Script), "\n")
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", expand(t, lines, pattern, values))
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "CI_PROJECT_DIR=" + dir}
		for name, value := range job.Variables {
			value = strings.ReplaceAll(expand(t, value, pattern, values), "$CI_PROJECT_DIR", dir)
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		isInstalled := strings.Contains(string(out), "installed fake version")
		if err != nil || !strings.HasSuffix(string(out), "fake run test -k a b\n") || isInstalled != (want != "") {
			t.Errorf("call %d: %v\n%s", i, err, out)
		}
	}
	if job.Stage != "$[[ inputs.stage ]]" || expand(t, job.Image, pattern, values) != "docker:cli" {
		t.Errorf("%+v", job)
	}
}
