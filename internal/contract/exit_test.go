package contract

import (
	"syscall"
	"testing"
)

const exitTasks = `
task "ok" {
  command = ["true"]
}

task "seven" {
  command = ["sh", "-c", "exit 7"]
}

task "killed" {
  command = ["sh", "-c", "kill -KILL $$"]
}

task "missing" {
  command = ["no-such-program"]
}

task "refused" {
  command = ["./plain"]
}

task "slow" {
  command = ["sleep", "60"]
  timeout = "100ms"
}

task "needs" {
  command    = ["true"]
  depends_on = [task.seven]
}

task "image" {
  image   = "no/such:image"
  command = ["true"]
}

task "asks" {
  command = ["true"]
  confirm = "Sure?"
}

task "never" {
  command = ["true"]

  precondition {
    condition     = false
    error_message = "no"
  }
}

task "cleans" {
  command = ["true"]
  finally = [task.nine]
}

task "fails-and-cleans" {
  command = ["sh", "-c", "exit 7"]
  finally = [task.nine]
}

task "nine" {
  command = ["sh", "-c", "exit 9"]
}

task "allowed" {
  command       = ["sh", "-c", "exit 7"]
  allow_failure = [7]
}

task "holds" {
  script = "touch held; until [ -e let-go ]; do sleep 0.02; done"
  lock   = "one"
}

task "waits" {
  command = ["touch", "ran"]
  lock    = "one"
}
`

func exitPlace(t *testing.T) *place {
	t.Helper()
	p := newPlace(t, map[string]string{
		"Tasks.hcl": exitTasks, "plain": "", "wrong.hcl": "task {}\n", "warned.hcl": "function \"f\" {\n  params = [x]\n  result = x\n}\n",
		"unlaid.hcl": "task \"a\" {\ncommand = [\"true\"]\n}\n",
	})
	p.env = append(p.env, "DOCKER_HOST=unix:///nonexistent/docker.sock")
	return p
}

// TestExitCodes are those of docs/commands.md, as far as no engine is needed.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	p := exitPlace(t)
	for _, test := range []struct {
		code int
		args []string
	}{
		{0, []string{"run", "ok"}},
		{0, []string{"run", "allowed"}},
		{0, []string{"plan", "--detailed-exitcode", "ok"}},
		{0, []string{"list"}},
		{0, []string{"version"}},
		{0, []string{"validate"}},
		{1, []string{"-f", "unlaid.hcl", "fmt", "--check"}},
		{2, []string{"no-such-command"}},
		{2, []string{"run", "--no-such-flag", "ok"}},
		{2, []string{"run", "no-such-task"}},
		{2, []string{"run", "ok", "word"}},
		{2, []string{"-f", "no-such-file.hcl", "run", "ok"}},
		{2, []string{"-f", "wrong.hcl", "run", "ok"}},
		{2, []string{"-f", "wrong.hcl", "validate"}},
		{2, []string{"-f", "wrong.hcl", "list"}},
		{7, []string{"run", "seven"}},
		{7, []string{"run", "needs"}},
		{7, []string{"run", "-k", "seven", ":::", "nine"}},
		{9, []string{"run", "cleans"}},
		{7, []string{"run", "fails-and-cleans"}},
		{124, []string{"run", "slow"}},
		{125, []string{"run", "image"}},
		{125, []string{"run", "asks"}},
		{0, []string{"run", "--yes", "asks"}},
		{125, []string{"run", "never"}},
		{125, []string{"down", "--yes"}},
		{126, []string{"run", "refused"}},
		{127, []string{"run", "missing"}},
		{137, []string{"run", "killed"}},
	} {
		c := p.start(test.args...)
		if got := p.code(c); got != test.code {
			t.Errorf("tasks %q ended with %d, want %d\n%s", test.args, got, test.code, &c.stderr)
		}
	}
}

// TestSignalledBeforeTheCommand: 130 and 143 where no command has begun.
func TestSignalledBeforeTheCommand(t *testing.T) {
	t.Parallel()
	p := exitPlace(t)
	holder := p.start("run", "holds")
	eventually(t, "the lock", func() bool { return p.exists("held") })
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		waiter := p.start("--events", signal.String(), "run", "waits")
		eventually(t, "the wait", func() bool { return p.exists(signal.String()) && p.read(signal.String()) != "" })
		if err := waiter.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if got := p.code(waiter); got != code {
			t.Errorf("%s: ended with %d, want %d\n%s", signal, got, code, &waiter.stderr)
		}
	}
	p.run(0, "run", "ok")
	if err := touch(p, "let-go"); err != nil {
		t.Fatal(err)
	}
	equal(t, "the holder's code", p.code(holder), 0)
	if p.exists("ran") {
		t.Error("a command ran that was interrupted before")
	}
}
