package contract

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func touch(p *place, name string) error {
	return os.WriteFile(filepath.Join(p.dir, name), nil, 0o644)
}

// files are the names of the files below a directory, sorted.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// named wants files of certain forms in a directory, each at least once, and no others. It returns the first of each form.
func named(t *testing.T, dir string, forms ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, name := range files(t, dir) {
		i := slices.IndexFunc(forms, func(form string) bool { return regexp.MustCompile(`^(?:` + form + `)$`).MatchString(name) })
		if i < 0 {
			t.Errorf("%s: there is %s", dir, name)
			continue
		}
		if found[forms[i]] == "" {
			found[forms[i]] = filepath.Join(dir, name)
		}
	}
	for _, form := range forms {
		if found[form] == "" {
			t.Errorf("%s: there is no %s, but %q", dir, form, files(t, dir))
		}
	}
	return found
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ownerForm is a process: machine, start of the machine, id, start of the process.
const ownerForm = `[^/\n]+/[^/\n]+/[1-9][0-9]*/[0-9]+`

const diskTasks = `
task "Hold@it" {
  script = "touch held; until [ -e let-go ]; do sleep 0.02; done"
  lock   = "Deploy/it"
}

task "made" {
  command = ["sh", "-c", "cat in.txt > out.txt"]
  inputs  = ["in.txt"]
  outputs = ["out.txt"]
}

task "broken" {
  command = ["false"]
  inputs  = ["in.txt"]
}
`

// TestLockAndCommandNotes: what stands in .tasks, and in the cache directory, while a host command runs with a lock.
func TestLockAndCommandNotes(t *testing.T) {
	t.Parallel()
	p := newPlace(t, map[string]string{"Tasks.hcl": strings.ReplaceAll(diskTasks, "Hold@it", "hold"), "in.txt": "1"})
	c := p.start("run", "hold")
	eventually(t, "the command", func() bool { return p.exists("held") })
	const (
		command = `data-commands%2f[0-9a-f]{32}`
		lock    = `lock-task%2f%44eploy%2fit`
		holder  = `lock-task%2f%44eploy%2fit\.holder`
	)
	dir := filepath.Join(p.dir, ".tasks")
	eventually(t, "the note of the command", func() bool {
		isTemporary := func(name string) bool { return strings.HasPrefix(filepath.Base(name), ".new-") }
		all := files(t, dir)
		return len(all) == 4 && !slices.ContainsFunc(all, isTemporary)
	})
	found := named(t, dir, `\.gitignore`, command, lock, holder)
	if t.Failed() {
		return
	}
	equal(t, ".gitignore", content(t, found[`\.gitignore`]), "*\n")
	matches(t, "the note of the command", content(t, found[command]), ownerForm+`\n`+ownerForm+`\n`)
	copies := filepath.Join(p.cache, "tasks", "commands")
	if found := named(t, copies, `\.gitignore`, command); !t.Failed() {
		matches(t, "the copy of the note", content(t, found[command]), ownerForm+`\n`+ownerForm+`\n`)
	}
	equal(t, "the lock's content", content(t, found[lock]), "")
	var who map[string]any
	if err := json.Unmarshal([]byte(content(t, found[holder])), &who); err != nil {
		t.Fatal(err)
	}
	matches(t, "since", who["since"].(string), `20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d.*`)
	host, _ := os.Hostname()
	var will map[string]any
	if err := json.Unmarshal([]byte(who["will"].(string)), &will); err != nil {
		t.Fatal(err)
	}
	matches(t, "the owner in the will", will["Owner"].(string), ownerForm)
	delete(will, "Owner")
	equal(t, "the will", will, map[string]any{"Task": "hold", "Project": ""})
	delete(who, "since")
	delete(who, "will")
	equal(t, "the holder", who, map[string]any{"pid": float64(c.Process.Pid), "host": host, "purpose": "task hold"})
	if err := touch(p, "let-go"); err != nil {
		t.Fatal(err)
	}
	equal(t, "exit code", p.code(c), 0)
	named(t, dir, `\.gitignore`, lock, `swept`)
	named(t, copies, `\.gitignore`)
	equal(t, "files in the cache directory", len(files(t, p.cache)), 1)
}

// TestRecordsOfInputs: what is kept of tasks that may be up to date.
func TestRecordsOfInputs(t *testing.T) {
	t.Parallel()
	p := newPlace(t, map[string]string{"Tasks.hcl": strings.ReplaceAll(diskTasks, "Hold@it", "hold"), "in.txt": "1"})
	p.run(0, "run", "made")
	p.run(1, "run", "broken")
	const run, listing = `data-run%2fmade`, `data-inputs%2fmade`
	found := named(t, filepath.Join(p.dir, ".tasks"), `\.gitignore`, run, `data-run%2fbroken`, listing, `data-inputs%2fbroken`, `swept`)
	if t.Failed() {
		return
	}
	equal(t, "record of the failed task", content(t, found[`data-run%2fbroken`]), "not succeeded")
	matches(t, "record", content(t, found[run]), `tasks run 2 [0-9a-f]{64}\n([0-9a-f]{64} [^\n]+\n)+\n[0-9a-f]{64} in\.txt\n`)
	for _, path := range []string{found[run], found[listing]} { // a short secret can be guessed from its hash
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode", info.Mode().Perm(), os.FileMode(0o600))
	}
	first, _, _ := strings.Cut(content(t, found[listing]), "\n")
	equal(t, "first line of the listing", first, "tasks inputs 3")
	if out := p.run(0, "plan", "--if-changed", "made"); !strings.Contains(out, "up to date") {
		t.Errorf("the plan is\n%s", out)
	}
}
