package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// fakeProgram is a program for tests of the installation: it prints its arguments.
const fakeProgram = "#!/bin/sh\necho \"fake $*\"\n"

// downloadServer serves a release with a fake program for this machine. change, unless nil, changes the served text of a file.
func downloadServer(t *testing.T, change func(name, text string) string) (address string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("install.sh is for Linux and macOS")
	}
	r := &release{dist: t.TempDir(), source: "..", version: "1.2.3", time: time.Unix(0, 0)}
	r.home.Downloads = "http://127.0.0.1:9/v{version}" // nothing listens there: a test sets TASKS_DOWNLOADS
	archive, err := r.tarball([]entry{{"tasks", []byte(fakeProgram), 0o755}, {"LICENSE", []byte("free"), 0o644}})
	if err != nil {
		t.Fatal(err)
	}
	name := r.archiveName(target{runtime.GOOS, runtime.GOARCH})
	for _, step := range []func() error{
		func() error { return r.write(name, archive, 0o644) }, r.writeInstallScript, r.writeChecksums,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		content, err := os.ReadFile(filepath.Join(r.dist, filepath.Base(q.URL.Path)))
		if err != nil || !strings.HasPrefix(q.URL.Path, "/v1.2.3/") {
			http.NotFound(w, q)
			return
		}
		if change != nil {
			content = []byte(change(filepath.Base(q.URL.Path), string(content)))
		}
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1.2.3"
}

// pathWithout returns a PATH with all programs of this machine's PATH, but without some.
func pathWithout(t *testing.T, missing ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{
		"sh", "id", "uname", "tr", "mkdir", "mktemp", "rm", "curl", "wget", "sha256sum", "shasum", "cut", "awk", "tar", "gzip", "cp",
		"chmod", "mv",
	} {
		path, err := exec.LookPath(name)
		if err != nil || strings.Contains(" "+strings.Join(missing, " ")+" ", " "+name+" ") {
			continue
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// install calls the script. The environment has HOME, PATH and the settings.
func install(t *testing.T, path string, settings ...string) (stderr string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "../install.sh")
	cmd.Env = append([]string{"PATH=" + path, "HOME=" + t.TempDir()}, settings...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestInstall(t *testing.T) {
	address := downloadServer(t, nil)
	for _, missing := range [][]string{{"wget"}, {"curl"}, {"sha256sum"}} {
		if missing[0] == "sha256sum" {
			if _, err := exec.LookPath("shasum"); err != nil {
				continue // only one program for checksums is installed
			}
		}
		dir := filepath.Join(t.TempDir(), "new", "bin")
		out, err := install(t, pathWithout(t, missing...), "TASKS_VERSION=v1.2.3", "TASKS_DOWNLOADS="+address, "TASKS_DIR="+dir)
		if err != nil || !strings.Contains(out, "installed fake version as "+dir+"/tasks\n") ||
			!strings.Contains(out, dir+" is not in your PATH") {
			t.Errorf("without %s: %v\n%s", missing, err, out)
		}
		expectInstalled(t, dir)
	}
}

// expectInstalled: the directory has the program, executable, and nothing else.
func expectInstalled(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "tasks" {
		t.Fatalf("%v, %v", entries, err)
	}
	info, err := entries[0].Info()
	content, err2 := os.ReadFile(filepath.Join(dir, "tasks"))
	if err != nil || err2 != nil || info.Mode() != 0o755 || string(content) != fakeProgram {
		t.Errorf("%v, %v, %v: %s", info, err, err2, content)
	}
}

// TestInstallOver: the program of an earlier release is replaced, and a link to another file is not followed.
func TestInstallOver(t *testing.T) {
	address := downloadServer(t, nil)
	settings := func(dir string) []string {
		return []string{"TASKS_VERSION=1.2.3", "TASKS_DOWNLOADS=" + address, "TASKS_DIR=" + dir}
	}
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, "tasks")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if out, err := install(t, os.Getenv("PATH"), settings(dir)...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		expectInstalled(t, dir)
	}
	if content, err := os.ReadFile(other); err != nil || string(content) != "other" {
		t.Errorf("%v %s", err, content)
	}
}

func TestInstallRefusals(t *testing.T) {
	whole := downloadServer(t, nil)
	damaged := downloadServer(t, func(name, text string) string {
		if strings.HasSuffix(name, ".tar.gz") {
			return text + "x"
		}
		return text
	})
	nameless := downloadServer(t, func(name, text string) string {
		if name == checksumsName {
			return strings.ReplaceAll(text, "tasks_", "others_")
		}
		return text
	})
	occupied := t.TempDir()
	if err := os.Mkdir(filepath.Join(occupied, "tasks"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	for name, c := range map[string]struct{ path, version, address, dir, want string }{
		"damaged archive":   {path, "1.2.3", damaged, "", "nothing is installed. Try again later"},
		"no checksum":       {path, "1.2.3", nameless, "", "SHA256SUMS has no checksum of tasks_1.2.3_"},
		"unknown version":   {path, "9.9.9", whole, "", "cannot download " + whole + "/tasks_9.9.9_"},
		"no version":        {path, "", whole, "", "which version? Set TASKS_VERSION"},
		"no address":        {path, "1.2.3", "", "", "from where? Set TASKS_DOWNLOADS"},
		"nothing to load":   {pathWithout(t, "curl", "wget"), "1.2.3", whole, "", "there is no curl and no wget"},
		"nothing to verify": {pathWithout(t, "sha256sum", "shasum"), "1.2.3", whole, "", "the checksum cannot be verified"},
		"a directory":       {path, "1.2.3", whole, occupied, "is a directory: remove it, or set TASKS_DIR"},
		"below a file":      {path, "1.2.3", whole, file + "/bin", "cannot create " + file + "/bin: set TASKS_DIR"},
	} {
		dir := c.dir
		if dir == "" {
			dir = t.TempDir()
		}
		out, err := install(t, c.path, "TASKS_VERSION="+c.version, "TASKS_DOWNLOADS="+c.address, "TASKS_DIR="+dir)
		if err == nil || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if info, err := os.Stat(filepath.Join(dir, "tasks")); err == nil && !info.IsDir() {
			t.Errorf("%s: a program is installed", name)
		}
	}
}

// TestInstallUnwritable: root may write everywhere, so the script runs as another user.
func TestInstallUnwritable(t *testing.T) {
	address := downloadServer(t, nil)
	if os.Getuid() == 0 {
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Skip("SKIPPED, NOT TESTED: root may write everywhere, and there is no setpriv")
		}
	}
	script, err := os.ReadFile("../install.sh")
	if err != nil {
		t.Fatal(err)
	}
	argv := []string{"sh", "-s"}
	if os.Getuid() == 0 {
		argv = append([]string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}, argv...)
	}
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdin = "/", strings.NewReader(string(script))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/", "TASKS_VERSION=1.2.3", "TASKS_DOWNLOADS=" + address, "TASKS_DIR=/usr"}
	out, err := cmd.CombinedOutput()
	want := "install.sh: cannot write to /usr: set TASKS_DIR to a directory of your own, or call with sudo\n"
	if err == nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestReleasedInstallScript: the script of a release knows its version and its address, and the environment comes first.
func TestReleasedInstallScript(t *testing.T) {
	r := fakeRelease(t)
	if err := r.writeInstallScript(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-x", filepath.Join(r.dist, "install.sh"))
	cmd.Env = []string{"PATH=" + pathWithout(t, "curl", "wget"), "HOME=" + t.TempDir(), "TASKS_DIR=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"+ version=1.2.3\n", "+ downloads=https://example.com/d/v1.2.3\n", "no curl and no wget"} {
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("no %q: %v\n%s", want, err, out)
		}
	}
}

// TestShellcheck checks the scripts.
func TestShellcheck(t *testing.T) {
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED, NOT TESTED: there is no shellcheck: apt-get install shellcheck")
	}
	if out, err := exec.Command(shellcheck, "../install.sh").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
