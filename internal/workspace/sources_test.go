package workspace

import (
	"path/filepath"
	"slices"
	"testing"
)

const helloTask = `task "hello" {
  command = ["true"]
}
`

func TestTaskFiles(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"Tasks.hcl": helloTask, "b.tasks.hcl": "", "a.tasks.hcl": "", "other.hcl": "", "sub/deep/x": "",
	})
	tests := []struct {
		name    string
		cwd     string
		environ []string
		files   []string
		want    []string
	}{
		{"in the directory", ".", nil, nil, []string{"Tasks.hcl", "a.tasks.hcl", "b.tasks.hcl"}},
		{"in an ancestor", "sub/deep", nil, nil, []string{"Tasks.hcl", "a.tasks.hcl", "b.tasks.hcl"}},
		{"TASKS_FILE", ".", []string{"TASKS_FILE=other.hcl"}, nil, []string{"other.hcl"}},
		{"-f wins over TASKS_FILE", "sub", []string{"TASKS_FILE=x"}, []string{"../other.hcl"}, []string{"other.hcl"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := testConfig(t, filepath.Join(dir, test.cwd), test.environ...)
			config.Flags.Files = test.files
			got, err := config.TaskFiles()
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, name := range test.want {
				want = append(want, filepath.Join(dir, name))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestTaskFilesOutsideOfAProject(t *testing.T) {
	config := testConfig(t, t.TempDir())
	_, err := config.TaskFiles()
	wantError(t, err, "no Tasks.hcl in "+config.WorkingDir)
}

func TestOpenSuggestsTheNearestFile(t *testing.T) {
	config := testConfig(t, writeFiles(t, map[string]string{"Tasks.hcl": helloTask}))
	config.Flags.Files = []string{"Task.hcl"}
	_, _, err := Open(config)
	wantError(t, err, "there is no file Task.hcl, but there is Tasks.hcl")
}

func TestOpenReadsVariableFiles(t *testing.T) {
	config := testConfig(t, writeFiles(t, map[string]string{
		"Tasks.hcl": `variable "from" {}
variable "auto" {}
task "hello" {
  command = [var.from, var.auto]
}
`,
		"given.hcl": `from = "given"`, "x.auto.tasksvars": `auto = "automatic"`,
	}))
	config.Flags.VarFiles = []string{"given.hcl"}
	run := mustEvaluate(t, mustOpen(t, config), "hello")
	if got := run.Spec.Tasks["hello"].Command; !slices.Equal(got, []string{"given", "automatic"}) {
		t.Errorf("command %v", got)
	}
}

func TestOpenReadsIncludedDirectories(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"Tasks.hcl":       "include \"sub\" {\n  source = \"./sub\"\n}\n",
		"sub/Tasks.hcl":   helloTask,
		"sub/b.tasks.hcl": "task \"more\" {\n  command = [\"true\"]\n}\n",
	})
	var names []string
	for _, task := range ws.File.Tasks() {
		names = append(names, task.Name)
	}
	if !slices.Equal(names, []string{"sub:hello", "sub:more"}) {
		t.Errorf("tasks %v", names)
	}
}

func TestEnvironment(t *testing.T) {
	env := Environment{Environ: []string{"A=1", "A=2", "EMPTY="}, WorkingDir: filepath.FromSlash("/work/sub")}
	if got := env.Getenv("A"); got != "2" {
		t.Errorf("A is %q", got)
	}
	if _, isSet := env.LookupEnv("EMPTY"); !isSet {
		t.Error("an empty variable is not set")
	}
	if _, isSet := env.LookupEnv("B"); isSet {
		t.Error("B is set")
	}
	if got := env.AbsolutePath("../x"); got != filepath.FromSlash("/work/x") {
		t.Errorf("absolute path %s", got)
	}
	if got := env.DisplayPath(filepath.FromSlash("/work/sub/x")); got != "x" {
		t.Errorf("display path %s", got)
	}
	if got := env.DisplayPath(filepath.FromSlash("/a")); got != filepath.FromSlash("/a") {
		t.Errorf("display path %s is longer than the path", got)
	}
}

func TestCheckVars(t *testing.T) {
	if err := (Flags{Vars: []string{"a=1", "b="}}).CheckVars(); err != nil {
		t.Error(err)
	}
	for _, entry := range []string{"a", "=1"} {
		wantError(t, Flags{Vars: []string{entry}}.CheckVars(), "write --var NAME=VALUE")
	}
}
