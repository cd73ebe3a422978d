package workspace

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// localEngine is an engine of this machine.
type localEngine struct{ memoryEngine }

func (localEngine) Address() string { return "unix:///run/engine.sock" }

// TestMissingBindSources: a source that is not there is told of with its line, for the containers that a plan creates.
func TestMissingBindSources(t *testing.T) {
	const compose = `name: demo
services:
  app:
    image: tool
    depends_on: [db]
    volumes:
      - ./nosuch.conf:/a
      - ./there:/b
      - named:/c
      - /d
      - {type: bind, source: ./strict, target: /e, bind: {create_host_path: false}}
      - {type: tmpfs, target: /f}
  db:
    image: tool
    volumes: ["./data:/data", "./nosuch.conf:/again"]
  unused:
    image: tool
    volumes: ["./unused:/x"]
volumes: {named: {}}
`
	const tasks = `
task "t" {
  service = "app"
  volumes = ["./own:/own", "./there:/there", "named:/n"]
}
task "after" {
  service    = "app"
  no_deps    = true
  volumes    = ["./made:/made"]
  depends_on = [task.make]
}
task "make" { command = ["true"] }
task "image" {
  image   = "tool"
  volumes = ["./own:/own"]
}
`
	files := map[string]string{"compose.yaml": compose, "Tasks.hcl": tasks, "there/x": ""}
	for name, test := range map[string]struct {
		task    string
		isOther bool // an engine of another machine
		want    []string
	}{
		"a service and its dependency": {task: "t", want: []string{
			"compose.yaml:15 service db mounts data", "compose.yaml:7 service app mounts nosuch.conf", "Tasks.hcl:4 task t mounts own",
		}},
		"made by another task": {task: "after"},
		"an image":             {task: "image", want: []string{"Tasks.hcl:15 task image mounts own"}},
		"another machine":      {task: "t", isOther: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, files)
			config := testConfig(t, dir).withEngine(localEngine{newMemoryEngine(t)})
			if test.isOther {
				config = config.withEngine(newMemoryEngine(t))
			}
			run := mustEvaluate(t, mustOpen(t, config), test.task)
			diags, err := run.MakePlan(t.Context(), PlanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range diags {
				text := strings.ReplaceAll(strings.TrimSuffix(d.Summary, ", which is not there"), dir+"/", "")
				place := "nowhere"
				if d.Subject != nil {
					place = strings.ReplaceAll(d.Subject.Filename, dir+"/", "") + ":" + strconv.Itoa(d.Subject.Start.Line)
				}
				got = append(got, place+" "+text)
			}
			slices.Sort(got)
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
