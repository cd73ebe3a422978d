package options_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tasks/internal/testing/composetest"
)

// mode is the way to run a command line.
type mode int

const (
	// detached adds -d.
	detached mode = iota
	// attached keeps the tool running during the inspection of the container. No stream is a terminal.
	attached
	// seated is attached at a terminal.
	seated
)

// option is a command line of `docker-compose run` that demonstrates an option.
type option struct {
	// flags stand before the service; global stands before `run` itself.
	flags, global []string
	// words are the service and its command. Default: `web signals`.
	words []string
	mode  mode
	// unknown are the tools without this option.
	unknown []tool
	env     []string
	// sub is the working folder below the project's folder.
	sub string
	// unnamed leaves the project's name to the environment.
	unnamed bool
	// own gives each tool an empty project. All other created resources are compared, too.
	own bool
	// prepare changes that project first.
	prepare func(p *project)
	// builds means that each call builds a separate image.
	builds bool
	// unsupported means that no block has the same meaning.
	unsupported bool
}

// spelled is the whole command line of a tool, without its project.
func (o option) spelled(k tool) []string {
	verb := []string{map[bool]string{true: "once", false: "run"}[k == tasks], "-l", "test=@test"}
	line := slices.Clone(o.global)
	if k == tasks {
		line = o.inTasks()
	}
	line = append(line, verb...)
	if o.mode == detached {
		line = append(line, "-d")
	}
	line = append(line, o.flags...)
	if k == v1 {
		for i, word := range line {
			if word == "-P" {
				line[i] = "--service-ports"
			}
		}
	}
	if o.words == nil {
		return append(line, "web", "signals")
	}
	return append(line, o.words...)
}

// inTasks translates global flags to those of tasks, because -f has another meaning.
func (o option) inTasks() []string {
	line := slices.Clone(o.global)
	for i, word := range line {
		if word == "-f" {
			line[i] = "--compose-file"
		}
	}
	return line
}

// TestOptions compares containers for the same command line, option by option. The containers come from `tasks once`,
// from each Compose, and from `tasks run` with the block of `--as-task`.
func TestOptions(t *testing.T) {
	b := newBench(t)
	known := &tally{isSeen: map[int]bool{}}
	var compared atomic.Int32
	all := options()
	t.Run("each", func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			o := all[name]
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				ours := b.create(t, tasks, o.spelled(tasks), o)
				for _, k := range []tool{v1, v5} {
					if !slices.Contains(o.unknown, k) {
						known.explain(t, k, name, ours, b.create(t, k, o.spelled(k), o))
					}
				}
				b.asTask(t, o, ours)
				compared.Add(1)
			})
		}
	})
	if int(compared.Load()) == len(all) { // else -run has left some out, or a subtest has failed
		known.reportUnseen(t)
	}
}

// asTask runs the block that `tasks once --as-task` prints, and expects the same container.
func (b *bench) asTask(t *testing.T, o option, ours fields) {
	t.Helper()
	p := b.projectOf(t, tasks, o)
	line := o.spelled(tasks)
	at := slices.Index(line, "once") + 1
	cmd := b.command(p, tasks, slices.Insert(line, at, "--as-task", "again"), o)
	printed := composetest.Finish(t, cmd)
	if o.unsupported {
		if printed.Code != 2 {
			t.Errorf("--as-task ended with %d\n%s%s", printed.Code, printed.Stdout, printed.Stderr)
		}
		return
	}
	file := strings.NewReplacer("/", "-", " ", "-", "'", "").Replace(t.Name()) + ".hcl"
	if err := os.WriteFile(filepath.Join(b.dir, file), []byte(printed.Stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	again := append([]string{"-f", filepath.Join(b.dir, file)}, o.inTasks()...)
	again = append(append(again, "run"), policies(printed.Stdout)...)
	theirs := b.create(t, tasks, append(again, "again"), o)
	if label := theirs["Config.Labels.tasks.task"]; label != "again" {
		t.Errorf("the label tasks.task is %q", label)
	}
	delete(theirs, "Config.Labels.tasks.task")
	for _, path := range composetest.Compare(ours, theirs) {
		if o.builds && (path == "Image" || path == "Config.Labels.com.docker.compose.image") {
			continue // each build makes another
		}
		t.Errorf("%s is %q, of the block it is %q\n%s", path, ours[path], theirs[path], printed.Stdout)
	}
}

// policies are the flags in comments of a printed block, because no attribute has their meaning.
func policies(block string) []string {
	var flags []string
	for line := range strings.Lines(block) {
		if _, call, found := strings.Cut(line, "tasks run "); found && strings.HasPrefix(line, "#") {
			flags = append(flags, strings.TrimSuffix(strings.TrimSpace(call), " again"))
		}
	}
	return flags
}
