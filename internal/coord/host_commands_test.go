//go:build unix

package coord

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commandEnv names the command of [runCommandParent].
const commandEnv = "TASKS_COORD_COMMAND"

// runCommandParent starts a command, records the command, writes the id of the process, and lives until the
// test kills it.
func runCommandParent(project string) error {
	// The leader of the group ends before the child, or stays.
	command := exec.Command("/bin/sh", "-c", os.Getenv(commandEnv))
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return err
	}
	OpenStore(project, "").Journal().RecordCommand(command.Process.Pid)
	go command.Wait()
	fmt.Println(command.Process.Pid)
	time.Sleep(time.Minute)
	return nil
}

// startParent starts a process with [runCommandParent], and returns the process and the process group of the
// command.
func startParent(t *testing.T, project, command string) (program *exec.Cmd, group int) {
	t.Helper()
	if _, ok := CurrentOwner(); !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	t.Setenv(SharedDirEnv, t.TempDir())
	program = helper(project, "command")
	program.Env = append(program.Env, commandEnv+"="+command)
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

// isGroupAlive reports whether a process of a group runs. A zombie does not run.
func isGroupAlive(group int) bool {
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

func waitGone(t *testing.T, group int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); isGroupAlive(group); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("group %d is alive", group)
		}
	}
}

func killOrphans(t *testing.T, project string) int {
	t.Helper()
	ended, err := OpenStore(project, "").Journal().KillOrphans()
	if err != nil {
		t.Error(err)
	}
	return ended
}

func TestOrphanedCommandsAreKilled(t *testing.T) {
	for name, command := range map[string]string{
		"the leader": "sleep 60", "a child after the end of the leader": "sleep 60 & sleep 0.1",
	} {
		t.Run(name, func(t *testing.T) {
			project := t.TempDir()
			program, group := startParent(t, project, command)
			for leads := true; leads && strings.Contains(command, "&"); _, leads = OwnerOf(group) {
				time.Sleep(10 * time.Millisecond)
			}
			if n := killOrphans(t, project); n != 0 || !isGroupAlive(group) {
				t.Fatalf("%d commands of a living process were killed", n)
			}
			program.Process.Kill()
			program.Wait()
			if n := killOrphans(t, project); n != 1 {
				t.Errorf("%d commands were killed; want one", n)
			}
			waitGone(t, group)
			if n := killOrphans(t, project); n != 0 {
				t.Errorf("%d commands were killed again", n)
			}
		})
	}
}

// TestReusedProcessID: a new process with an old id is not killed.
func TestReusedProcessID(t *testing.T) {
	project := t.TempDir()
	program, group := startParent(t, project, "sleep 60")
	dead, _ := OwnerOf(program.Process.Pid)
	program.Process.Kill()
	program.Wait()
	leader, ok := OwnerOf(group)
	if !ok {
		t.Fatal("the command has ended")
	}
	name := commandEntry(leader, leader).name()
	leader.Start = "1"
	for _, dir := range []*Dir{OpenProjectDir(project), openReceipts()} {
		if err := dir.WriteCache(name, []byte(dead.String()+"\n"+leader.String()+"\n")); err != nil {
			t.Fatal(err)
		}
	}
	if n := killOrphans(t, project); n != 0 || !isGroupAlive(group) {
		t.Errorf("%d commands were killed", n)
	}
}

// TestEntriesOfOtherPidNamespaces: containers with a common directory and equal process ids have separate
// entries.
func TestEntriesOfOtherPidNamespaces(t *testing.T) {
	here, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	dir := OpenProjectDir(t.TempDir())
	there := here
	there.Host += "+pid:[1]"
	elsewhere := commandEntry(there, there).name()
	if err := dir.WriteCache(elsewhere, []byte(there.String()+"\n"+there.String()+"\n")); err != nil {
		t.Fatal(err)
	}
	ended := journalIn(dir).RecordCommand(os.Getpid())
	if names, _ := dir.FileNames(string(HostCommandEntry)); len(names) != 2 {
		t.Errorf("entries %q; want two", names)
	}
	ended()
	if names, _ := dir.FileNames(string(HostCommandEntry)); len(names) != 1 || names[0] != elsewhere {
		t.Errorf("entries %q; want the other entry", names)
	}
}

func TestEndedCommandIsRemoved(t *testing.T) {
	dir := OpenProjectDir(t.TempDir())
	ended := journalIn(dir).RecordCommand(os.Getpid())
	if names, _ := dir.FileNames(string(HostCommandEntry)); len(names) != 1 {
		t.Fatalf("entries %q; want one", names)
	}
	ended()
	if names, _ := dir.FileNames(string(HostCommandEntry)); len(names) != 0 {
		t.Errorf("entries %q; want none", names)
	}
}

// TestEntryOfAnotherUser: an entry of another user kills no process.
func TestEntryOfAnotherUser(t *testing.T) {
	project := t.TempDir()
	program, group := startParent(t, project, "sleep 60")
	program.Process.Kill()
	program.Wait()
	notes, err := filepath.Glob(filepath.Join(project, DirName, "data-commands*"))
	if err != nil || len(notes) != 1 {
		t.Fatalf("entries %q, %v", notes, err)
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
	if n := killOrphans(t, project); n != 0 || !isGroupAlive(group) {
		t.Fatalf("%d commands were killed", n)
	}
	if err := ours(); err != nil {
		t.Fatal(err)
	}
	if n := killOrphans(t, project); n != 1 {
		t.Errorf("%d commands were killed; want one", n)
	}
}

// TestEntryOfARepository: a cloned or copied repository may have an entry with true ids. Such an entry kills no process.
func TestEntryOfARepository(t *testing.T) {
	theirs, project := t.TempDir(), t.TempDir()
	program, group := startParent(t, theirs, "sleep 60")
	program.Process.Kill()
	program.Wait()
	notes, err := filepath.Glob(filepath.Join(theirs, DirName, "data-commands*"))
	if err != nil || len(notes) != 1 {
		t.Fatalf("entries %q, %v", notes, err)
	}
	content, err := os.ReadFile(notes[0])
	if err != nil {
		t.Fatal(err)
	}
	// the attacker has read the ids in /proc, and knows no other user's copy
	t.Setenv(SharedDirEnv, t.TempDir())
	copied := filepath.Join(project, DirName, filepath.Base(notes[0]))
	if err := errors.Join(os.Mkdir(filepath.Dir(copied), 0o755), os.WriteFile(copied, content, 0o644)); err != nil {
		t.Fatal(err)
	}
	if n := killOrphans(t, project); n != 0 || !isGroupAlive(group) {
		t.Fatalf("%d commands were killed", n)
	}
	if _, err := os.Stat(copied); err != nil {
		t.Errorf("the file of the repository: %v", err)
	}
}
