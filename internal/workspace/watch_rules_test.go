package workspace

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestWatchRules(t *testing.T) {
	const compose = "name: demo\nservices:\n  app:\n    image: tool\n    volumes: [\"./src:/src\"]\n"
	for _, test := range []struct {
		name, task    string
		paths, ignore []string
		outputs, dirs []string
		debounce      time.Duration
	}{
		{
			"the watch block",
			"command = [\"true\"]\n watch {\n paths = [\"**/*.go\"]\n ignore = [\"gen/**\"]\n debounce = \"1s\"\n }",
			[]string{"**/*.go"}, []string{"gen/**"}, nil, nil, time.Second,
		},
		{
			"inputs", "command = [\"true\"]\n inputs = [\"src\"]\n outputs = [\"out\"]",
			[]string{"src"}, nil, []string{"out"}, nil, 50 * time.Millisecond,
		},
		{"bind mounts", "service = \"app\"\n command = [\"true\"]", nil, nil, nil, []string{"src"}, 50 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{
				"Tasks.hcl": "task \"t\" {\n" + test.task + "\n}\n", "compose.yaml": compose, "src/x": "",
			})
			run := mustPlan(t, mustOpen(t, testConfig(t, dir).withEngine(newMemoryEngine(t))), "t")
			plan, err := run.WatchPlan()
			if err != nil {
				t.Fatal(err)
			}
			rules := plan.Rules
			unit := rules.Units[0]
			var dirs []string
			for _, dir := range unit.Dirs {
				dirs = append(dirs, dir.Path)
			}
			for _, list := range []struct{ got, want []string }{
				{unit.Paths, test.paths}, {unit.Ignore, test.ignore}, {unit.Outputs, test.outputs}, {dirs, test.dirs},
			} {
				if !slices.Equal(list.got, absoluteIn(dir, list.want)) {
					t.Errorf("got %v, want %v", list.got, list.want)
				}
			}
			if !slices.Contains(rules.Files, filepath.Join(dir, "Tasks.hcl")) {
				t.Errorf("Tasks.hcl is not watched: %v", rules.Files)
			}
			if got := run.WatchOptions().Debounce; got != test.debounce {
				t.Errorf("debounce %s", got)
			}
		})
	}
}

func absoluteIn(dir string, paths []string) []string {
	var absolute []string
	for _, path := range paths {
		absolute = append(absolute, filepath.Join(dir, path))
	}
	return absolute
}

func TestWatchRulesOfATaskWithoutFiles(t *testing.T) {
	run := mustPlan(t, openFiles(t, map[string]string{"Tasks.hcl": helloTask}), "hello")
	_, err := run.WatchPlan()
	wantError(t, err, "task hello (Tasks.hcl:1) has nothing to watch")
}
