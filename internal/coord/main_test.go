package coord

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// helperProjectEnv makes the test binary play another process, in the project of the variable.
const helperProjectEnv = "TASKS_COORD_HELPER"

func TestMain(m *testing.M) {
	project := os.Getenv(helperProjectEnv)
	if project == "" {
		os.Exit(m.Run())
	}
	play := map[string]func(project string) error{
		"hold": runLockHolder, "count": runCounter, "lease": runLeaseHolder, "use": runLeaseUser,
		"idle": runIdleProcess, "task": runTaskLockHolder, "command": runCommandParent,
		"dead": runDeathCheck,
	}[os.Args[1]]
	if err := play(project); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// helper returns the command of another process in a project.
func helper(project string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), helperProjectEnv+"="+project)
	return cmd
}

// journalIn returns a journal with all entries in one directory.
func journalIn(dir *Dir) *Journal {
	return &Journal{project: dir, receipts: dir, self: sync.OnceValues(CurrentOwner)}
}
