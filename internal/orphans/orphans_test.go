//go:build unix

package orphans

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/owner"
	"tasks/internal/state"
)

// TestMain lets the test's program be one that starts a command, notes it, and tells its process until it is killed.
func TestMain(m *testing.M) {
	project := os.Getenv("TASKS_ORPHANS_PROJECT")
	if project == "" {
		os.Exit(m.Run())
	}
	// The leader of the group ends before its child, or stays.
	command := exec.Command("/bin/sh", "-c", os.Getenv("TASKS_ORPHANS_COMMAND"))
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		panic(err)
	}
	Of(state.Open(project)).Started(command.Process.Pid)
	go command.Wait()
	fmt.Println(command.Process.Pid)
	time.Sleep(time.Minute)
}

// parent starts that program, and returns the process of its command.
func parent(t *testing.T, project, command string) (program *exec.Cmd, group int) {
	t.Helper()
	if _, ok := owner.Self(); !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	program = exec.Command(os.Args[0])
	program.Env = append(os.Environ(), "TASKS_ORPHANS_PROJECT="+project, "TASKS_ORPHANS_COMMAND="+command)
	out, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Process.Kill(); program.Wait() })
	if _, err := fmt.Fscan(out, &group); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(-group, syscall.SIGKILL) })
	go io.Copy(io.Discard, out)
	return program, group
}

// lives says whether a process group has anybody who runs: one that has ended may wait for whoever is to hear of it.
func lives(group int) bool {
	members, _ := exec.Command("ps", "-A", "-o", "pgid=,stat=").Output()
	for line := range strings.Lines(string(members)) {
		var id int
		var stat string
		if fmt.Sscan(line, &id, &stat); id == group && stat[0] != 'Z' {
			return true
		}
	}
	return false
}

func untilGone(t *testing.T, group int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); lives(group); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("group %d lives on", group)
		}
	}
}

func end(t *testing.T, project string) int {
	t.Helper()
	ended, err := Of(state.Open(project)).End()
	if err != nil {
		t.Error(err)
	}
	return ended
}

func TestCommandsOfTheDeadEnd(t *testing.T) {
	for name, command := range map[string]string{"the leader": "sleep 60", "a child whose leader has ended": "sleep 60 & sleep 0.1"} {
		t.Run(name, func(t *testing.T) {
			project := t.TempDir()
			program, group := parent(t, project, command)
			for leads := true; leads && strings.Contains(command, "&"); _, leads = owner.Of(group) {
				time.Sleep(10 * time.Millisecond)
			}
			if n := end(t, project); n != 0 || !lives(group) {
				t.Fatalf("%d commands of a living program were ended", n)
			}
			program.Process.Kill()
			program.Wait()
			if n := end(t, project); n != 1 {
				t.Errorf("%d commands were ended; want one", n)
			}
			untilGone(t, group)
			if n := end(t, project); n != 0 {
				t.Errorf("%d commands were ended again", n)
			}
		})
	}
}

// A process that has an id again is somebody else's.
func TestAnothersProcessOfThatId(t *testing.T) {
	project := t.TempDir()
	program, group := parent(t, project, "sleep 60")
	dead, _ := owner.Of(program.Process.Pid)
	program.Process.Kill()
	program.Wait()
	leader, ok := owner.Of(group)
	if !ok {
		t.Fatal("the command has ended")
	}
	name := noteName(leader)
	leader.Start = "1"
	if err := state.Open(project).Jot(name, []byte(dead.String()+"\n"+leader.String()+"\n")); err != nil {
		t.Fatal(err)
	}
	if n := end(t, project); n != 0 || !lives(group) {
		t.Errorf("%d commands were ended", n)
	}
}

// Who shares the directory and counts processes for himself, as containers do, has notes of his own.
func TestNotesOfSeveralWorlds(t *testing.T) {
	here, ok := owner.Self()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	dir := state.Open(t.TempDir())
	there := here
	there.Host += "+pid:[1]"
	if err := dir.Jot(noteName(there), []byte(there.String()+"\n"+there.String()+"\n")); err != nil {
		t.Fatal(err)
	}
	ended := Of(dir).Started(os.Getpid())
	if names, _ := dir.Names(prefix); len(names) != 2 {
		t.Errorf("notes %q; want two", names)
	}
	ended()
	if names, _ := dir.Names(prefix); len(names) != 1 || names[0] != noteName(there) {
		t.Errorf("notes %q; want the other's", names)
	}
}

func TestEndedIsForgotten(t *testing.T) {
	dir := state.Open(t.TempDir())
	ended := Of(dir).Started(os.Getpid())
	if names, _ := dir.Names(prefix); len(names) != 1 {
		t.Fatalf("notes %q; want one", names)
	}
	ended()
	if names, _ := dir.Names(prefix); len(names) != 0 {
		t.Errorf("notes %q; want none", names)
	}
}

// TestNoteOfAnotherUser: words of others end no process of ours.
func TestNoteOfAnotherUser(t *testing.T) {
	project := t.TempDir()
	program, group := parent(t, project, "sleep 60")
	program.Process.Kill()
	program.Wait()
	notes, err := filepath.Glob(filepath.Join(project, state.DirName, "data-commands*"))
	if err != nil || len(notes) != 1 {
		t.Fatalf("notes %q, %v", notes, err)
	}
	foreign := func() error { return os.Chmod(notes[0], 0o666) }
	ours := func() error { return os.Chmod(notes[0], 0o644) }
	if os.Geteuid() == 0 {
		foreign = func() error { return os.Chown(notes[0], 20001, 20001) }
		ours = func() error { return os.Chown(notes[0], 0, 0) }
	}
	if err := foreign(); err != nil {
		t.Fatal(err)
	}
	if n := end(t, project); n != 0 || !lives(group) {
		t.Fatalf("%d commands were ended", n)
	}
	if err := ours(); err != nil {
		t.Fatal(err)
	}
	if n := end(t, project); n != 1 {
		t.Errorf("%d commands were ended; want one", n)
	}
}
