//go:build unix

package terminal_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// A changed file of a build, also a Dockerfile elsewhere, is in the image of the rerun. --build concerns the first run, so
// the image of the dependency stays.
func TestWatchBuildsChangedImages(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    build: {context: ./web, dockerfile: ../docker/Dockerfile}
    command: [sh, -c, "cat /v.txt; echo $$WHO"]
    network_mode: none
    depends_on: [db]
  db:
    build: ./db
    network_mode: none
    command: [sleep, infinity]
`, "task \"x\" {\n  service = \"web\"\n}\n")
	a.Write("web/v.txt", "one\n")
	a.Write("docker/Dockerfile", "FROM @image\nENV WHO=first\nCOPY v.txt /v.txt\n")
	a.Write("db/Dockerfile", "FROM @image\nLABEL project=@project\n")
	images := map[string]bool{}
	t.Cleanup(func() {
		a.Down() // an image with a container cannot be removed
		for id := range images {
			a.RemoveImage(id)
		}
	})
	record := func() { // a rebuilt image leaves the old image without a name
		images[a.ImageID(a.Project+"-web")], images[a.ImageID(a.Project+"-db")] = true, true
	}
	p := a.Start("watch", "--build", "x")
	p.WaitOutputTimes(apptest.WatchIdleText, 1)
	record()
	db := a.Service("db").ID
	a.Write("web/v.txt", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	record()
	a.Write("docker/Dockerfile", "FROM @image\nENV WHO=second\nCOPY v.txt /v.txt\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 3)
	record()
	r := p.EndWatch()
	if r.Stdout != "one\nfirst\ntwo\nfirst\ntwo\nsecond\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
	if built := strings.Count(r.Stderr, "image "+a.Project+"-db  built"); built != 1 || a.Service("db").ID != db {
		t.Errorf("the dependency was built %d times\n%s", built, r.Stderr)
	}
}
