//go:build linux

package remote_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputsComeBack(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    <<: {image: @image, network_mode: none}
    command: [sleep, infinity]
    init: true
    volumes: [".:/work"]
    working_dir: /work
`, `
task "build" {
  service = "web"
  inputs  = ["src"]
  outputs = ["out/**/*.txt"]
  script  = <<-END
    mkdir -p out/deep
    cat src > out/deep/a.txt
    echo no > out/deep/b.log
    echo built
  END
}
task "fail" {
  service = "web"
  inputs  = ["src"]
  outputs = ["report"]
  script  = "echo bad > report; exit 3"
}
task "exec" {
  service    = "web"
  depends_on = [service.web]
  mode       = "exec"
  inputs     = ["src"]
  outputs    = ["inside"]
  script     = "echo exec > /work/inside"
}
task "after" {
  depends_on = [task.build]
  command    = ["cat", "out/deep/a.txt"]
}
`)
	a.Write("src", "source\n")
	if out := a.Ok("run", "--engine", "here", "after"); out != "source\n" {
		t.Errorf("the output is %q", out)
	}
	info, err := os.Stat(filepath.Join(a.Dir, "out/deep/a.txt"))
	if err != nil || info.Mode() != 0o644 {
		t.Errorf("the output has the mode %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(a.Dir, "out/deep/b.log")); err == nil {
		t.Error("a file that is no output has come back")
	}
	if r := a.Tasks("run", "--engine", "here", "after"); strings.Contains(r.Stderr, "built") {
		t.Errorf("the outputs do not count as up to date:\n%s", r.Stderr)
	}
	if r := a.Tasks("run", "--engine", "here", "fail"); r.Code != 3 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	a.Ok("run", "--engine", "here", "exec")
	for name, want := range map[string]string{"report": "bad\n", "inside": "exec\n"} {
		if got, err := os.ReadFile(filepath.Join(a.Dir, name)); string(got) != want {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
}
