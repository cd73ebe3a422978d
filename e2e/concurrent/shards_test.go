//go:build unix

package concurrent_test

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

const shardTasks = `
task "test" {
  service = "app"
  shards  = 8
  env     = { FAILING = "none" }
  script  = <<-EOT
    if /kv get key; then echo "the data is another shard's"; exit 3; fi
    /kv set key $TASKS_SHARD_INDEX
    echo "$(/kv get key)/$TASKS_SHARD_COUNT ${join(",", shard.items)}"
    if [ $TASKS_SHARD_INDEX = $FAILING ]; then exit 7; fi
  EOT
  shard_items = [for n in range(16) : "case-${n}"]
}

task "stays" {
  service = "app"
  shards  = 3
  command = ["signals"]
}
`

// newShardApp is a project with a database and tasks with shards.
func newShardApp(t *testing.T) *apptest.App {
	t.Helper()
	a := newDatabaseApp(t)
	a.Write("Tasks.hcl", shardTasks)
	return a
}

func sortedLines(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return lines
}

// TestShards: each of eight shards has a database of its own and two of the items, also with fewer places than shards. A
// failed shard leaves the others their ends. Nothing is left.
func TestShards(t *testing.T) {
	t.Parallel()
	a := newShardApp(t)
	r := a.Tasks("run", "--quiet", "test")
	lines := sortedLines(r.Stdout)
	if r.Code != 0 || len(lines) != 8 {
		t.Fatalf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	var items []string
	for i, line := range lines {
		number := string(rune('1' + i))
		_, own, _ := strings.Cut(line, number+"/8 ")
		if !strings.HasPrefix(line, "test "+number+"/8 | "+number+"/8 ") || strings.Count(own, "case-") != 2 {
			t.Errorf("line %q", line)
		}
		items = append(items, strings.Split(own, ",")...)
	}
	if slices.Sort(items); len(slices.Compact(items)) != 16 {
		t.Errorf("items %q", items)
	}
	a.ExpectNoPrivate()

	r = a.Tasks("run", "-j", "3", "-k", "--env", "FAILING=5", "test")
	if r.Code != 7 || !strings.Contains(r.Stderr, "\ntest: 7 of 8 ok, 1 failed (5/8)\n") ||
		!strings.Contains(r.Stderr, "FAILED: test 5/8 (exit code 7)") {
		t.Errorf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNoPrivate()

	if out := a.Ok("run", "--shard", "3/8", "test"); out != lines[2][len("test 3/8 | "):]+"\n" {
		t.Errorf("one shard: %q, all: %q", out, lines)
	}
	plan := a.Ok("plan", "--shards", "2", "test")
	for _, want := range []string{"a copy of " + a.Project + " for task test 1/2: --shards; all of it is removed afterwards\n",
		"db [ephemeral(test 2/2)]"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %q in\n%s", want, plan)
		}
	}
	a.ExpectNoPrivate()
}

// TestShardEndings: nothing is left after a signal, nor by the command after a SIGKILL.
func TestShardEndings(t *testing.T) {
	t.Parallel()
	a := newShardApp(t)
	p := a.Start("run", "stays")
	p.WaitOutput("ready")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 && r.Code != 0 {
		t.Errorf("terminated: code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNoPrivate()

	p = a.Start("run", "-j", "2", "stays")
	p.WaitOutput("ready")
	p.Signal(os.Kill)
	p.Wait()
	if len(a.PrivateResources()) == 0 {
		t.Error("nothing to clean up")
	}
	a.Ok("ps")
	a.ExpectNoPrivate()
}

// TestLostShard: a shard whose container another program removes runs once more, with the same database.
func TestLostShard(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	a.Write("Tasks.hcl", `
task "test" {
  service = "app"
  shards  = 2
  on_lost = "retry"
  script  = "if /kv get key; then exit 0; fi; /kv set key first; echo waiting; sleep infinity"
}
`)
	p := a.Start("run", "--shard", "1/2", "test")
	p.WaitOutput("waiting")
	oneOffs := a.ContainersWithLabels("tasks.task=test 1/2", "tasks.of="+a.Project)
	if len(oneOffs) != 1 {
		t.Fatalf("%d containers of the shard", len(oneOffs))
	}
	a.Remove(oneOffs[0])
	r := p.Wait()
	if r.Code != 0 || !strings.HasSuffix(r.Stdout, "waiting\nfirst\n") ||
		!strings.Contains(r.Stderr, "lost, it may have run: another program has removed its container; it runs once more") {
		t.Errorf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNoPrivate()
}
