//go:build linux

package remote_test

import (
	"syscall"
	"testing"
)

func TestWatchSendsChanges(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    <<: {image: @image, network_mode: none}
    volumes: ["./src:/src"]
`, `
task "show" {
  service = "web"
  command = ["cat", "/src/x"]
}
`)
	a.Write("src/x", "first\n")
	p := a.Start("watch", "--engine", "here", "show")
	p.WaitOutput("first\n")
	for _, text := range []string{"second\n", "third\n"} {
		a.Write("src/x", text)
		p.WaitOutput(text)
	}
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}
