package coord

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unusableProjectDir returns a project with an unusable state directory. Even root cannot use the directory.
func unusableProjectDir(t *testing.T) string {
	t.Helper()
	project := realTempDir(t)
	if os.Getuid() != 0 {
		if err := os.Chmod(project, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(project, 0o755) })
		return project
	}
	// A link to a place without files.
	if err := os.Symlink("/proc/self", filepath.Join(project, DirName)); err != nil {
		t.Fatal(err)
	}
	return project
}

func TestFallbackDirs(t *testing.T) {
	project, home, account, temp := unusableProjectDir(t), t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Cleanup(func() { _ = os.Remove(fmt.Sprintf("/tmp/tasks-%d", os.Getuid())) }) // if the directory is empty
	for name, test := range map[string]struct{ account, cache, under string }{
		"account":              {account, home, account},
		"account not writable": {"/proc/self", "/proc/self", fmt.Sprintf("/tmp/tasks-%d/", os.Getuid())},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(SharedDirEnv, test.account)
			t.Setenv("XDG_CACHE_HOME", test.cache)
			t.Setenv("HOME", "")
			dir, err := OpenProjectDir(project).Path()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			if !strings.HasPrefix(dir, test.under) {
				t.Errorf("path %s, want one under %s", dir, test.under)
			}
			again, err := OpenProjectDir(project + "/.").Path()
			if err != nil || again != dir {
				t.Errorf("the second time %s, %v; want %s", again, err, dir)
			}
			other, err := OpenProjectDir(unusableProjectDir(t)).Path()
			if err != nil || other == dir {
				t.Errorf("another project has %s, %v", other, err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(other) })
		})
	}
}

func TestSharedDir(t *testing.T) {
	cache, run := t.TempDir(), realTempDir(t)
	t.Setenv("XDG_CACHE_HOME", cache)
	if err := os.Symlink(run, filepath.Join(run, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "docker.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := func(address string) string {
		dir, err := OpenSharedDir(address).Path()
		if err != nil || !strings.HasPrefix(dir, cache+"/tasks/engine-") {
			t.Errorf("%s: %s, %v", address, dir, err)
		}
		return dir
	}
	if path("unix://"+run+"/docker.sock") != path("unix://"+run+"/link/docker.sock") {
		t.Error("one socket has two directories")
	}
	if path("tcp://a:2375") == path("tcp://b:2375") {
		t.Error("two engines share a directory")
	}
}
