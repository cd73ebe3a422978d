package workflow

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/internal/view"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

const tasksHCL = `
variable "mode" {
  description = "How | fast"
}

defaults {
  env = { LANG = "C", DROPPED = "x" }
}

task "up" {
  description = "Start *all* services"
  depends_on  = [service.web]
}

task "test" {
  group       = "checks"
  description = "Test <everything> & more"
  aliases     = ["t"]
  service     = "web"
  command     = ["test", arg.file, flag.fast]
  depends_on  = [task.migrate, task.lint]
  finally     = [task.clean]
  env         = { B = "1", "${var.mode}" = "2", A = var.mode, DROPPED = null }

  arg "file" {
    description = "The file ` + "`x|y`" + `"
    enum        = ["a", "b"]
  }

  flag "fast" {
    type  = bool
    short = "f"
    env   = "FAST"
  }

  watch {}
}

task "migrate" {
  service = "web"
  command = ["migrate"]
}

task "lint" {
  command = ["lint"]
}

task "clean" {
  hidden  = true
  command = ["clean"]
}
`

// parse returns a file of the language, and the dependencies of services.
func parse(t *testing.T, text string) (*hclspec.File, view.ServiceNeeds) {
	t.Helper()
	file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/p/Tasks.hcl", Bytes: []byte(text)}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file, func(service string) []hclspec.Dependency {
		if service == "web" {
			return []hclspec.Dependency{{Service: "db", Condition: "service_healthy"}}
		}
		return nil
	}
}

func TestGoldenPages(t *testing.T) {
	file, needs := parse(t, tasksHCL)
	page := New("Shop", file, needs)
	for name, format := range map[string]string{"page.md": "markdown", "page.html": "html"} {
		got, err := page.Text(format)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: -want +got; -update writes the file\n%s", name, diff)
		}
		if FormatOf(name) != format {
			t.Errorf("%s is no %s", name, format)
		}
	}
}

// TestHostileText: texts of a file cannot leave their place on a page.
func TestHostileText(t *testing.T) {
	const hostile = "</p><script>alert(1)</script>\x1b[2J\n# Heading\n[link](javascript:x) `code`"
	p := Page{Title: hostile, Groups: []Group{{Name: hostile, Tasks: []Task{{
		TaskSummary: hclspec.TaskSummary{TaskInfo: hclspec.TaskInfo{Name: hostile, Description: hostile, Aliases: []string{hostile}}},
		Call:        hostile, Runs: hostile, Before: []string{hostile}, Params: []Param{{hostile, hostile, hostile}},
	}}}}, Graph: view.Graph{Nodes: []view.Node{{ID: "a", Name: hostile}, {ID: "b", Name: hostile}}, Edges: []view.Edge{{From: "a", To: "b"}}}}
	page, err := p.HTML()
	if err != nil || strings.Contains(page, "<script") || strings.Contains(page, "\x1b") || strings.Contains(page, "href=\"javascript") {
		t.Errorf("%v\n%s", err, page)
	}
	expectWellFormed(t, page)
	for line := range strings.Lines(p.Markdown()) {
		isCode := strings.HasPrefix(line, "$ ") || strings.HasPrefix(line, "  n") // within a fence
		hasLink := strings.Contains(line, "[link](") && !strings.Contains(line, `\[link\](`)
		if strings.HasPrefix(line, "# Heading") || hasLink && !isCode || strings.ContainsAny(line[:1], "<\x1b") {
			t.Errorf("%q", line)
		}
	}
}

// expectWellFormed reads a page as XML: each element has an end.
func expectWellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v\n%s", err, page)
		}
	}
}

// TestDrawing: boxes do not overlap, and each box is within the drawing.
func TestDrawing(t *testing.T) {
	file, needs := parse(t, tasksHCL)
	d := draw(New("Shop", file, needs).Graph)
	if len(d.Nodes) != 7 || len(d.Edges) != 6 {
		t.Errorf("%d boxes, %d arrows", len(d.Nodes), len(d.Edges))
	}
	for i, a := range d.Nodes {
		if a.X < 0 || a.Y < 0 || a.X+a.Width > d.Width || a.Y+a.Height > d.Height {
			t.Errorf("%+v is outside", a)
		}
		for _, b := range d.Nodes[:i] {
			if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
				t.Errorf("%+v overlaps %+v", a, b)
			}
		}
	}
}

// TestDrawingOfCycle: a graph with a cycle has a drawing too.
func TestDrawingOfCycle(t *testing.T) {
	g := view.Graph{Nodes: []view.Node{{ID: "a", Name: "a"}, {ID: "b", Name: "b"}}, Edges: []view.Edge{{From: "a", To: "b"}, {From: "b", To: "a", Reason: "x"}}}
	if d := draw(g); len(d.Nodes) != 2 {
		t.Errorf("%+v", d)
	}
	if d := draw(view.Graph{}); len(d.Nodes) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	for _, text := range []string{"one", "one", "two"} {
		if err := WriteFile(path, text); err != nil {
			t.Fatal(err)
		}
		if is, err := IsUpToDate(path, text); !is || err != nil {
			t.Errorf("%t, %v", is, err)
		}
	}
	if is, err := IsUpToDate(path, "one"); is || err != nil {
		t.Errorf("%t, %v", is, err)
	}
	if err := WriteFile(filepath.Join(path, "below"), "x"); err == nil {
		t.Error("no error")
	}
	if err := WriteFile(filepath.Join(t.TempDir(), "missing", "x"), "x"); err == nil || !strings.Contains(err.Error(), "the directory must exist") {
		t.Errorf("%v", err)
	}
}
