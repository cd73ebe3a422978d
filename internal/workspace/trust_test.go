//go:build unix

package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
)

// otherUser is the id of another user than the user of the test.
const otherUser = 20001

// giveAway gives files to another user. Only root can give files away.
func giveAway(t *testing.T, paths ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, NOT TESTED: only root can make files of another user")
	}
	for _, path := range paths {
		if err := os.Lchown(path, otherUser, otherUser); err != nil {
			t.Fatal(err)
		}
	}
}

const ownTask = "task \"test\" {\n  command = \"true\"\n}\n"

// untrustedDir returns the directory to trust of an error; empty: there is no such error.
func untrustedDir(err error) string {
	untrusted, ok := errors.AsType[*UntrustedError](err)
	if !ok {
		return ""
	}
	return untrusted.Dir
}

// TestTaskFileOfAnotherUser: a file of another user in a directory above could run any command as this user.
func TestTaskFileOfAnotherUser(t *testing.T) {
	for name, test := range map[string]struct {
		files, foreign []string
		flags          Flags
		isRefused      bool
	}{
		"our own":                     {files: []string{"Tasks.hcl"}},
		"theirs":                      {files: []string{"Tasks.hcl"}, foreign: []string{"Tasks.hcl"}, isRefused: true},
		"a file beside it":            {files: []string{"Tasks.hcl", "x.tasks.hcl"}, foreign: []string{"x.tasks.hcl"}, isRefused: true},
		"with -f":                     {files: []string{"other.hcl"}, foreign: []string{"other.hcl"}, flags: Flags{Files: []string{"../other.hcl"}}, isRefused: true},
		"a file of values":            {files: []string{"Tasks.hcl", "x.auto.tasksvars"}, foreign: []string{"x.auto.tasksvars"}, isRefused: true},
		"a named file of values":      {files: []string{"Tasks.hcl", "values"}, foreign: []string{"values"}, flags: Flags{VarFiles: []string{"../values"}}, isRefused: true},
		"a file that nobody looks at": {files: []string{"Tasks.hcl", "other.hcl"}, foreign: []string{"other.hcl"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeTrustFiles(t, test.files...)
			for _, file := range test.foreign {
				giveAway(t, filepath.Join(dir, file))
			}
			config := testConfig(t, filepath.Join(dir, "below"))
			config.Flags = test.flags
			_, _, err := OpenChecked(config)
			if got := untrustedDir(err); (got == dir) != test.isRefused || (err != nil) != test.isRefused {
				t.Errorf("error %v", err)
			}
			for _, opened := range []func(Config) (*Workspace, hcl.Diagnostics, error){OpenProject, OpenByLabels} {
				ws, _, err := opened(config)
				if test.isRefused && untrustedDir(err) != dir {
					t.Errorf("error %v, workspace %v", err, ws)
				}
			}
		})
	}
}

// writeTrustFiles writes files, and returns their directory without links. A directory below has no files.
func writeTrustFiles(t *testing.T, names ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	err = errors.Join(err, os.Mkdir(filepath.Join(dir, "below"), 0o755))
	for _, name := range names {
		content := ""
		if strings.HasSuffix(name, ".hcl") {
			content = strings.ReplaceAll(ownTask, "test", strings.ReplaceAll(name, ".", "-"))
		}
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestTrust: a trusted directory covers the files below, and a list of another user covers nothing.
func TestTrust(t *testing.T) {
	dir := writeTrustFiles(t, "Tasks.hcl")
	giveAway(t, filepath.Join(dir, "Tasks.hcl"))
	below := filepath.Join(dir, "below")
	for value, isTrusted := range map[string]bool{
		"": false, dir: true, dir + "/": true, filepath.Dir(dir): true, "/nowhere:" + dir: true, "*": true,
		below: false, dir[:len(dir)-1]: false, ".": false, "..": false,
	} {
		t.Setenv("XDG_CONFIG_HOME", t.TempDir())
		config := testConfig(t, below, "TASKS_TRUSTED_DIRS="+value)
		if _, _, err := Open(config); (err == nil) != isTrusted {
			t.Errorf("with %q: %v", value, err)
		}
	}

	config := testConfig(t, below)
	if trusted, err := config.Trust(""); trusted != dir || err != nil {
		t.Fatalf("trusted %q, %v", trusted, err)
	}
	if _, err := config.Trust(".."); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(config); err != nil {
		t.Errorf("after the command: %v", err)
	}
	list, err := config.trustedDirsFile()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(list); string(content) != dir+"\n" || err != nil {
		t.Errorf("the list is %q, %v", content, err)
	}
	if _, err := config.Trust("Tasks.hcl"); err == nil {
		t.Error("a missing directory is trusted")
	}
	giveAway(t, list)
	if _, _, err := Open(config); untrustedDir(err) != dir {
		t.Errorf("with a list of another user: %v", err)
	}
}

// TestLinkOfAnotherUser: who owns the link chooses the directory of the commands.
func TestLinkOfAnotherUser(t *testing.T) {
	own, theirs := writeTrustFiles(t, "Tasks.hcl"), writeTrustFiles(t)
	link := filepath.Join(theirs, "Tasks.hcl")
	if err := os.Symlink(filepath.Join(own, "Tasks.hcl"), link); err != nil {
		t.Fatal(err)
	}
	config := testConfig(t, theirs)
	if _, _, err := Open(config); err != nil {
		t.Errorf("with our own link: %v", err)
	}
	giveAway(t, link)
	if _, _, err := Open(config); untrustedDir(err) != theirs {
		t.Errorf("with the link of another user: %v", err)
	}
	giveAway(t, filepath.Join(own, "Tasks.hcl"))
	if err := os.Lchown(link, os.Geteuid(), os.Getegid()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(config); untrustedDir(err) != own {
		t.Errorf("with our own link to the file of another user: %v", err)
	}
}

// TestIncludeOfAnotherUser: an included file is a file like any other.
func TestIncludeOfAnotherUser(t *testing.T) {
	theirs := writeTrustFiles(t, "Tasks.hcl")
	giveAway(t, filepath.Join(theirs, "Tasks.hcl"))
	own := writeTrustFiles(t)
	if err := os.WriteFile(filepath.Join(own, "Tasks.hcl"), []byte("include \"x\" {\n  source = \""+theirs+"\"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, diags, err := Open(testConfig(t, own))
	if err != nil || !diags.HasErrors() || !strings.Contains(diags.Error(), "tasks trust "+theirs) {
		t.Errorf("%v, %v", diags, err)
	}
}

// TestComposeFileOfAnotherUser: a compose file in a directory above could mount the whole host.
func TestComposeFileOfAnotherUser(t *testing.T) {
	dir := writeTrustFiles(t)
	path := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(path, []byte("services: {x: {image: x}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	load := func() (*Workspace, error) {
		ws, _, err := OpenProject(testConfig(t, filepath.Join(dir, "below")).Offline())
		if err != nil {
			t.Fatal(err)
		}
		_, err = ws.Project("")
		return ws, err
	}
	if _, err := load(); err != nil {
		t.Errorf("our own: %v", err)
	}
	giveAway(t, path)
	if _, err := load(); untrustedDir(err) != dir {
		t.Errorf("of another user: %v", err)
	}
	if _, _, err := OpenByLabels(testConfig(t, filepath.Join(dir, "below")).Offline()); untrustedDir(err) != dir {
		t.Errorf("by labels: %v", err)
	}
}

// TestSudo: under sudo, files of the user of sudo are those of the user.
func TestSudo(t *testing.T) {
	dir := writeTrustFiles(t, "Tasks.hcl")
	giveAway(t, filepath.Join(dir, "Tasks.hcl"))
	for value, isTrusted := range map[string]bool{"20001": true, "20002": false, "": false} {
		if _, _, err := Open(testConfig(t, dir, "SUDO_UID="+value)); (err == nil) != isTrusted {
			t.Errorf("with SUDO_UID=%s: %v", value, err)
		}
	}
}

// TestTextOfAFileOutside: a repository may include or link to any file of the user.
func TestTextOfAFileOutside(t *testing.T) {
	outside := writeTrustFiles(t)
	secret := filepath.Join(outside, "credentials")
	if err := os.WriteFile(secret, []byte("AKIAtopsecret oops\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(outside, tasksFile)
	if err := os.WriteFile(shared, []byte("AKIA oops\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(dir string) error{
		"an include": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte("include \"x\" {\n  source = \""+secret+"\"\n}\n"), 0o644)
		},
		"a link": func(dir string) error {
			return errors.Join(os.Symlink(secret, filepath.Join(dir, "x.tasks.hcl")),
				os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte(ownTask), 0o644))
		},
		"a link to Tasks.hcl": func(dir string) error { return os.Symlink(secret, filepath.Join(dir, "Tasks.hcl")) },
	} {
		dir := writeTrustFiles(t)
		if err := write(dir); err != nil {
			t.Fatal(err)
		}
		ws, diags, err := Open(testConfig(t, dir))
		if err != nil || !diags.HasErrors() || strings.Contains(diags.Error(), "AKIA") || diags[0].Subject.Start.Line != 1 {
			t.Errorf("%s: %v, %v", name, diags, err)
			continue
		}
		if ws.SourceFiles()[diags[0].Subject.Filename] != nil {
			t.Errorf("%s: the text is among the files", name)
		}
	}
	config := testConfig(t, outside)
	config.Flags.Files = []string{secret}
	if ws, diags, err := Open(config); err != nil || !diags.HasErrors() || ws.SourceFiles()["credentials"] == nil {
		t.Errorf("a file of the command line: %v, %v", diags, err)
	}
	dir := writeTrustFiles(t)
	if err := os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte("include \"x\" {\n  source = \""+outside+"\"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if ws, diags, err := Open(testConfig(t, dir)); err != nil || !diags.HasErrors() || ws.SourceFiles()[diags[0].Subject.Filename] == nil {
		t.Errorf("a shared Tasks.hcl: %v, %v", diags, err)
	}
}
