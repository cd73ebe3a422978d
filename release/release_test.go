package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
	"github.com/blakesmith/ar"
)

// built makes a release of the commit for Linux on amd64, once for all tests.
var built = sync.OnceValues(func() (*release, error) { return makeRelease("..", filepath.Join(builtDir, "dist")) })

// builtDir is a directory of the whole test.
var builtDir string

func makeRelease(root, dist string) (*release, error) {
	r, err := newRelease(root, dist, []string{"linux/amd64"})
	if err != nil {
		return nil, err
	}
	defer r.close()
	return r, r.make()
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tasks-release-test-")
	if err != nil {
		panic(err)
	}
	builtDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// requireRelease returns the release of all tests. On other systems than Linux on amd64 the program cannot print its texts.
func requireRelease(t *testing.T) *release {
	t.Helper()
	r, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSameBytes makes the release a second time, from a clone in another directory.
func TestSameBytes(t *testing.T) {
	first := requireRelease(t)
	clone := filepath.Join(t.TempDir(), "a directory with another name")
	if _, err := first.git("clone", "--quiet", first.root, clone); err != nil {
		t.Fatal(err)
	}
	second, err := makeRelease(clone, filepath.Join(t.TempDir(), "dist"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first.files, second.files) || len(first.files) != 8 {
		t.Fatalf("%q\n%q", first.files, second.files)
	}
	for _, name := range first.files {
		one, err := first.checksum(name)
		two, err2 := second.checksum(name)
		if err := errors.Join(err, err2); err != nil || one != two {
			t.Errorf("%s differs: %v", name, err)
		}
	}
}

func TestChecksums(t *testing.T) {
	r := requireRelease(t)
	cmd := exec.Command("sha256sum", "--check", "--strict", checksumsName)
	cmd.Dir = r.dist
	out, err := cmd.CombinedOutput()
	if n := strings.Count(string(out), ": OK\n"); err != nil || n != 6 {
		t.Errorf("%d files, %v\n%s", n, err, out)
	}
}

// untar returns the names and contents of an archive.
func untar(t *testing.T, compressed io.Reader) map[string][]byte {
	t.Helper()
	unzipped, err := gzip.NewReader(compressed)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if found[strings.TrimPrefix(header.Name, "./")], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

func expectEntries(t *testing.T, found map[string][]byte, names ...string) {
	t.Helper()
	for _, name := range names {
		if len(found[name]) == 0 {
			t.Errorf("%s is missing", name)
		}
	}
}

func openFile(t *testing.T, r *release, suffix string) *os.File {
	t.Helper()
	i := slices.IndexFunc(r.files, func(name string) bool { return strings.HasSuffix(name, suffix) })
	if i < 0 {
		t.Fatalf("no %s in %q", suffix, r.files)
	}
	f, err := os.Open(filepath.Join(r.dist, r.files[i]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// commandsOf returns the commands of the program by its page of help.
func commandsOf(t *testing.T, program string) []string {
	t.Helper()
	cmd := exec.Command(program, "help")
	cmd.Dir, cmd.Env = t.TempDir(), []string{"HOME=" + t.TempDir()}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "  ") && line[2] >= 'a' && line[2] <= 'z' && !strings.HasPrefix(line, "  tasks ") {
			commands = append(commands, strings.Fields(line)[0])
		}
	}
	if len(commands) < 15 {
		t.Fatalf("%q", commands)
	}
	return commands
}

func TestArchive(t *testing.T) {
	r := requireRelease(t)
	found := untar(t, openFile(t, r, ".tar.gz"))
	expectEntries(t, found, "tasks", "LICENSE", "completions/_tasks", "completions/tasks.bash", "completions/tasks.fish",
		"completions/tasks.ps1", "man/tasks.1")
	program := filepath.Join(t.TempDir(), "tasks")
	if err := os.WriteFile(program, found["tasks"], 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "version", "--json").Output()
	var version struct{ Version, OS string }
	if err := errors.Join(err, json.Unmarshal(out, &version)); err != nil || version.OS != "linux" ||
		strings.TrimPrefix(version.Version, "v") != r.version {
		t.Errorf("%+v, not %s: %v", version, r.version, err)
	}
	for _, command := range commandsOf(t, program) {
		page := found["man/tasks-"+command+".1"]
		if !bytes.Contains(page, []byte(".SH SYNOPSIS\n.B tasks "+command)) {
			t.Errorf("the page of %s: %q", command, page)
		}
		expectPage(t, page)
	}
	expectPage(t, found["man/tasks.1"])
}

// expectPage lets man read a page: the warnings of groff name wrong requests.
func expectPage(t *testing.T, page []byte) {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED, NOT TESTED: there is no groff: apt-get install groff-base")
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-b", "-z")
	cmd.Stdin = bytes.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s\n%s", err, out, page)
	}
}

func TestDeb(t *testing.T) {
	r := requireRelease(t)
	deb := ar.NewReader(openFile(t, r, ".deb"))
	parts := map[string]map[string][]byte{}
	for {
		header, err := deb.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(header.Name, ".tar.gz") {
			parts[header.Name] = untar(t, deb)
		}
	}
	expectEntries(t, parts["data.tar.gz"], "usr/bin/tasks", "usr/share/man/man1/tasks.1.gz", "usr/share/man/man1/tasks-run.1.gz",
		"usr/share/bash-completion/completions/tasks", "usr/share/zsh/vendor-completions/_tasks",
		"usr/share/fish/vendor_completions.d/tasks.fish", "usr/share/doc/tasks/copyright")
	control := string(parts["control.tar.gz"]["control"])
	for _, line := range []string{"Package: tasks\n", "Architecture: amd64\n", "Homepage: " + r.home.Repository + "\n"} {
		if !strings.Contains(control, line) {
			t.Errorf("no %q in\n%s", line, control)
		}
	}
}

// TestApk: a package of Alpine is a series of archives, each compressed by itself.
func TestApk(t *testing.T) {
	r := requireRelease(t)
	file := bufio.NewReader(openFile(t, r, ".apk"))
	found := untar(t, file)
	expectEntries(t, found, ".PKGINFO", "usr/bin/tasks", "usr/share/man/man1/tasks.1.gz", "usr/share/licenses/tasks/LICENSE",
		"usr/share/zsh/site-functions/_tasks")
	if info := string(found[".PKGINFO"]); !strings.Contains(info, "pkgname = tasks\n") || !strings.Contains(info, "arch = x86_64\n") {
		t.Error(info)
	}
}

// TestRpm looks at the words of the header, that are not compressed: no tool for the format is installed.
func TestRpm(t *testing.T) {
	r := requireRelease(t)
	content, err := io.ReadAll(openFile(t, r, ".rpm"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(content, []byte("\xed\xab\xee\xdb")) {
		t.Fatalf("%x is no lead of an rpm", content[:4])
	}
	header := content[:min(len(content), 32_000)]
	for _, want := range []string{"tasks-run.1.gz", "site-functions/", "/usr/bin/", "x86_64", licenseName, r.home.Repository} {
		if !bytes.Contains(header, []byte(want)) {
			t.Errorf("the header has no %q", want)
		}
	}
	if host, err := os.Hostname(); err != nil || bytes.Contains(header, []byte(host)) {
		t.Errorf("the header has the name of this machine, %s: %v", host, err)
	}
}

func TestBillOfMaterials(t *testing.T) {
	r := requireRelease(t)
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(openFile(t, r, ".cdx.json"), cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if bom.Metadata.Component.Version != "v"+r.version || bom.SerialNumber != "" {
		t.Errorf("%+v", bom.Metadata.Component)
	}
	goMod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range *bom.Components {
		if c.Name != "std" && !strings.Contains(string(goMod), c.Name+" "+c.Version) {
			t.Errorf("go.mod has no %s %s", c.Name, c.Version)
		}
	}
	if n := len(*bom.Components); n < 80 || n != len(*(*bom.Dependencies)[0].Dependencies) {
		t.Errorf("%d modules", n)
	}
}

func TestProvenance(t *testing.T) {
	r := requireRelease(t)
	var s statement
	if err := json.NewDecoder(openFile(t, r, ".intoto.json")).Decode(&s); err != nil {
		t.Fatal(err)
	}
	if s.Predicate.BuildDefinition.ResolvedDependencies[0].Digest["gitCommit"] != r.commit || len(s.Subject) != len(r.files)-1 {
		t.Errorf("%+v", s)
	}
	for _, subject := range s.Subject {
		content, err := os.ReadFile(filepath.Join(r.dist, subject.Name))
		if sum := fmt.Sprintf("%x", sha256.Sum256(content)); err != nil || sum != subject.Digest["sha256"] {
			t.Errorf("%s: %s is not %s: %v", subject.Name, subject.Digest["sha256"], sum, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "old"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-dist", full}, "is not empty"},
		{[]string{"-targets", "plan9/mips"}, `no target "plan9/mips"; there are linux/amd64`},
		{[]string{"-root", t.TempDir(), "-dist", t.TempDir()}, "not a git repository"},
		{[]string{"word"}, "there are no arguments"},
	} {
		if err := run(c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.args, err)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if err := run([]string{"-dist", t.TempDir()}); err == nil || !strings.Contains(err.Error(), "must be a number of seconds") {
		t.Error(err)
	}
}
