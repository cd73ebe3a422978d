package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is a release in the making.
type release struct {
	// root is the source tree, dist the directory of the results, work a temporary directory. All are absolute.
	root, dist, work string
	// source is a clone of the commit within work. Other files of root, ignored or changed, have no influence. In a
	// further worktree of git, Go would find no commit.
	source  string
	targets []target
	home    home
	// commit is the hash of the commit, time its time in UTC. Each file of an archive has this time.
	commit     string
	time       time.Time
	hasChanges bool
	// version has no "v" at its start: "1.2.3". The version comes from the built program.
	version string
	// pages are the names and texts of manual pages, completions the scripts by shell.
	pages, completions map[string][]byte
	license            []byte
	// files are the results, in the order of their creation.
	files []string
}

// home has the facts about the public home of the project. The owner fills in release/home.json.
type home struct {
	// Repository is the address of the source, Downloads that of the files of a release: {version} is replaced.
	Repository string `json:"repository"`
	Downloads  string `json:"downloads"`
	// Maintainer is a name with a mail address.
	Maintainer string `json:"maintainer"`
}

func (h home) isUnset() bool { return strings.Contains(h.Repository+h.Downloads+h.Maintainer, "OWNER") }

func newRelease(root, dist string, targets []string) (*release, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if dist, err = filepath.Abs(cmp.Or(dist, filepath.Join(root, "dist"))); err != nil {
		return nil, err
	}
	r := &release{root: root, dist: dist, pages: map[string][]byte{}, completions: map[string][]byte{}}
	for _, name := range targets {
		t, err := parseTarget(name)
		if err != nil {
			return nil, err
		}
		r.targets = append(r.targets, t)
	}
	if err := emptyDirectory(dist); err != nil {
		return nil, err
	}
	if r.work, err = os.MkdirTemp("", "tasks-release-"); err != nil {
		return nil, err
	}
	r.source = filepath.Join(r.work, "source")
	if err := errors.Join(r.readCommit(), r.clone(), r.readSource()); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *release) close() { os.RemoveAll(r.work) }

// emptyDirectory creates a directory. Files of an earlier release are refused: a checksum would cover them.
func emptyDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: remove the directory, or choose another with -dist", dir)
	}
	return err
}

// readCommit reads the commit and its time.
func (r *release) readCommit() error {
	commit, err := r.git("rev-parse", "HEAD")
	if err != nil {
		return err
	}
	status, err := r.git("status", "--porcelain")
	if err != nil {
		return err
	}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		if seconds, err = r.git("log", "-1", "--format=%ct"); err != nil {
			return err
		}
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return fmt.Errorf("SOURCE_DATE_EPOCH must be a number of seconds: %w", err)
	}
	r.commit, r.hasChanges, r.time = commit, status != "", time.Unix(unix, 0).UTC()
	return nil
}

// clone clones the commit with the tags: Go takes the version of the programs from a tag.
func (r *release) clone() error {
	if _, err := r.git("clone", "--quiet", "--no-checkout", r.root, r.source); err != nil {
		return err
	}
	_, err := output(exec.Command("git", "-C", r.source, "checkout", "--quiet", "--detach", r.commit))
	return err
}

// readSource reads the facts about the home, and the licence.
func (r *release) readSource() error {
	text, err := os.ReadFile(filepath.Join(r.source, "release", "home.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &r.home); err != nil {
		return fmt.Errorf("release/home.json: %w", err)
	}
	r.license, err = os.ReadFile(filepath.Join(r.source, "LICENSE"))
	return err
}

func (r *release) git(args ...string) (string, error) {
	return output(exec.Command("git", append([]string{"-C", r.root}, args...)...))
}

// output returns the output of a command without the last newline. An error has what the command wrote to stderr.
func output(cmd *exec.Cmd) (string, error) {
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, failed.Stderr)
	}
	return strings.TrimSuffix(string(out), "\n"), err
}

// make makes all files of the release. Each step needs those before.
func (r *release) make() error {
	for _, step := range []func() error{
		r.buildPrograms, r.readProgramTexts, r.writeArchives, r.writePackages, r.writeBills, r.writeManifests,
		r.writeChecksums, r.writeProvenance,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file of the release.
func (r *release) write(name string, content []byte, mode fs.FileMode) error {
	r.files = append(r.files, name)
	path := filepath.Join(r.dist, name)
	if err := os.WriteFile(path, content, mode); err != nil {
		return err
	}
	return os.Chmod(path, mode) // without the umask
}

// sortedKeys returns the keys of a map in order.
func sortedKeys(m map[string][]byte) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
