package coord

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// runLockHolder holds a lock until the test kills the process.
func runLockHolder(project string) error {
	options := lockOptions{Purpose: "migrate", Payload: "kill it"}
	if _, err := OpenProjectDir(project).lockWith(context.Background(), "db", options); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// runTaskLockHolder holds the lock of a task until the test kills the process.
func runTaskLockHolder(project string) error {
	request := LockRequest{Purpose: "task build", Holder: TaskHolder{Owner: "o", Task: "build", Project: "shop"}}
	if _, err := OpenStore(project, "").LockFor(context.Background(), "task/l", request); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// runCounter counts in a file. Without the lock two processes would lose counts.
func runCounter(project string) error {
	d := OpenProjectDir(project)
	for range 20 {
		if err := countUp(d); err != nil {
			return err
		}
	}
	return nil
}

func countUp(d *Dir) error {
	unlock, err := d.Lock(context.Background(), "counter")
	if err != nil {
		return err
	}
	defer unlock()
	path := filepath.Join(d.projectDir, "count")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(string(content))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strconv.Itoa(n+1)), 0o644)
}

// startHolder starts a process that holds the lock "db".
func startHolder(t *testing.T, project string) *exec.Cmd {
	t.Helper()
	return startHelper(t, project, "hold")
}

// startHelper starts a helper process, and waits for the message about the lock.
func startHelper(t *testing.T, project, role string) *exec.Cmd {
	t.Helper()
	cmd := helper(project, role)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("the holder says %q, %v", line, err)
	}
	return cmd
}

func TestLockIsReleased(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	for range 3 {
		unlock, err := d.Lock(t.Context(), "db")
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		unlock() // must not release the lock of another caller
	}
}

func TestUnlockTwiceReleasesOnce(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	first, err := d.Lock(t.Context(), "db")
	if err != nil {
		t.Fatal(err)
	}
	first()
	second, err := d.Lock(t.Context(), "db")
	if err != nil {
		t.Fatal(err)
	}
	defer second()
	first()
	if _, err := d.Lock(shortContext(t), "db"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the lock was taken twice: %v", err)
	}
}

func TestDifferentNamesAreIndependent(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	for _, name := range []string{"db", "DB", "db/", "../db", "", strings.Repeat("long", 100)} {
		unlock, err := d.Lock(shortContext(t), name)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
	}
}

func shortContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestWaiterLearnsHolder(t *testing.T) {
	project := t.TempDir()
	cmd := startHolder(t, project)
	told := 0
	var holder lockHolder
	options := lockOptions{OnWait: func(h lockHolder) { holder = h; told++ }}
	_, err := OpenProjectDir(project).lockWith(shortContext(t), "db", options)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v, want the end of the wait", err)
	}
	host, _ := os.Hostname()
	if told != 1 || holder.Pid != cmd.Process.Pid || holder.Purpose != "migrate" || holder.Host != host {
		t.Errorf("%d calls of OnWait: %+v", told, holder)
	}
	for _, want := range []string{`"db"`, "migrate", fmt.Sprintf("process %d on %s", cmd.Process.Pid, host)} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestReadHolderWithoutFile(t *testing.T) {
	if got := readHolder(filepath.Join(t.TempDir(), "lock-x")).String(); got != "another process" {
		t.Errorf("got %q", got)
	}
}

func TestFreeLockDoesNotNotify(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	options := lockOptions{OnWait: func(h lockHolder) { t.Errorf("a wait for %v", h) }}
	unlock, err := d.lockWith(t.Context(), "db", options)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestLockErrorHasContextCause(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	unlock, err := d.Lock(t.Context(), "db")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	waiting := make(chan struct{})
	go func() {
		<-waiting
		cancel(interrupted)
	}()
	_, err = d.lockWith(ctx, "db", lockOptions{OnWait: func(lockHolder) { close(waiting) }})
	if !errors.Is(err, interrupted) {
		t.Errorf("error %v, want the cause", err)
	}
	if _, err := d.Lock(ctx, "free"); !errors.Is(err, interrupted) {
		t.Errorf("a lock was taken after the end: %v", err)
	}
}

func TestKilledHolderReleases(t *testing.T) {
	project := t.TempDir()
	cmd := startHolder(t, project)
	d := OpenProjectDir(project)
	waiting := make(chan struct{})
	locked := make(chan error, 1)
	go func() {
		unlock, err := d.lockWith(t.Context(), "db", lockOptions{OnWait: func(lockHolder) { close(waiting) }})
		if err == nil {
			unlock()
		}
		locked <- err
	}()
	<-waiting
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-locked:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a dead process holds the lock")
	}
}

func TestContention(t *testing.T) {
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "count"), []byte("0"), 0o644); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	shared := OpenProjectDir(project)
	for range 10 {
		all.Go(func() {
			for _, d := range []*Dir{shared, OpenProjectDir(project)} {
				for range 10 {
					if err := countUp(d); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for range 5 {
		all.Go(func() {
			if out, err := helper(project, "count").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	all.Wait()
	content, err := os.ReadFile(filepath.Join(project, "count"))
	if err != nil || string(content) != "300" {
		t.Errorf("counted to %s, want 300 (%v)", content, err)
	}
}

// TestStaleLockReportsPayload: the next holder gets the payload, and no later holder.
func TestStaleLockReportsPayload(t *testing.T) {
	project := t.TempDir()
	holder := startHelper(t, project, "hold")
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	var died []lockHolder
	for range 2 {
		options := lockOptions{OnStaleLock: func(h lockHolder) { died = append(died, h) }}
		unlock, err := OpenProjectDir(project).lockWith(shortContext(t), "db", options)
		if err != nil {
			t.Fatal(err)
		}
		unlock()
	}
	if len(died) != 1 || died[0].Pid != holder.Process.Pid || died[0].Payload != "kill it" {
		t.Errorf("the payload comes from %+v", died)
	}
}
