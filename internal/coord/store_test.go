package coord

import (
	"testing"
)

// TestStoreLock: the lock of a resource excludes other checkouts, the lock of a task does not.
func TestStoreLock(t *testing.T) {
	s := testStore(t)
	checkout := OpenStore(t.TempDir(), "unix:///coord-test.sock")
	unlock, err := s.Lock(t.Context(), "service/db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := checkout.Lock(shortContext(t), "service/db"); err == nil {
		t.Error("two checkouts have the lock")
	}
	free, err := checkout.Project.Lock(shortContext(t), "service/db")
	if err != nil {
		t.Fatalf("after the failure the checkout's lock stays: %v", err)
	}
	free()
	unlock()
	unlock, err = checkout.Lock(shortContext(t), "service/db")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	request := LockRequest{Purpose: "task build", OnWait: func(string) {}, OnStaleLock: func(TaskHolder) {}}
	for _, store := range []*Store{s, checkout} {
		unlock, err := store.LockFor(shortContext(t), "task/build", request)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
	}
}

// TestStaleTaskLock: the next holder learns about the dead holder.
func TestStaleTaskLock(t *testing.T) {
	s := testStore(t)
	program := startHelper(t, s.root, "task")
	_ = program.Process.Kill()
	_ = program.Wait()
	var stale []TaskHolder
	request := LockRequest{
		OnWait: func(string) {}, OnStaleLock: func(h TaskHolder) { stale = append(stale, h) },
	}
	unlock, err := s.LockFor(shortContext(t), "task/l", request)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if want := (TaskHolder{Owner: "o", Task: "build", Project: "shop"}); len(stale) != 1 || stale[0] != want {
		t.Errorf("stale holders %+v, want %+v", stale, want)
	}
}

func TestStoreWarnings(t *testing.T) {
	s := testStore(t)
	if foreign, unshared := s.ForeignWarning(), s.UnsharedWarning(); foreign != "" || unshared != "" {
		t.Errorf("warnings %q and %q", foreign, unshared)
	}
}
