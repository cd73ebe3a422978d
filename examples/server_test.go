//go:build unix

package examples_test

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestPostgres(t *testing.T) {
	s := openStack(t, "postgres", "tasks-example-postgres")
	s.doREADME()
	s.run(0, "run", "-q", "seed")
	// A migration with a mistake leaves nothing behind, and the next try applies it.
	s.Write("migrations/005_coupons.sql", "CREATE TABLE coupons (code text PRIMARY KEY);\nSELECT 1/0;\n")
	s.expectLines(s.run(3, "run", "test"), "FAILED: migrate (exit code 3) after 0.1 s", "task test  skipped: ...")
	count := []string{"run", "-q", "psql", "-tAc", "SELECT count(*) FROM schema_migrations WHERE version LIKE '005%'"}
	if got := s.run(0, count...).Stdout; got != "0\n" {
		t.Errorf("%q rows of a migration that has failed", got)
	}
	s.replace("migrations/005_coupons.sql", "SELECT 1/0;\n", "")
	s.expectLines(s.run(0, "run", "test"), "migrate | applying 005_coupons", "ok customers")
	if got := s.run(0, count...).Stdout; got != "1\n" {
		t.Errorf("%q rows of a migration, want 1", got)
	}
}

func TestWebService(t *testing.T) {
	s := openStack(t, "web-service", "tasks-example-postgres", "tasks-example-redis")
	s.doREADME()
	// Two runs at once have a database each; the tests count the visits exactly.
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r := s.Start("run", "-q", "test", "-v", "-run", "TestVisits").WaitFor(commandLimit); r.Code != 0 || !strings.Contains(r.Stdout, "--- PASS: TestVisitsAreCachedAndCounted") {
				t.Errorf("code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
			}
		})
	}
	both.Wait()
	if left := s.Containers(); len(left) != 0 {
		t.Errorf("%d containers are left", len(left))
	}
	// A service that never answers is named, with the answer to the probe.
	s.replace("handler.go", `"GET /healthz"`, `"GET /health"`)
	s.replace("Tasks.hcl", `http = ":8080/healthz"`, "http = \":8080/healthz\"\n    timeout = \"3s\"")
	r := s.run(125, "run", "--quiet-build", "add", "https://go.dev")
	s.expectLines(r, "FAILED: service web after 0.1 s", "task add → task start → service web  failed: ...")
	if !strings.Contains(r.Stderr, ":8080: answers 404 Not Found") {
		t.Errorf("the answer to the probe is missing:\n%s", r.Stderr)
	}
}

func TestFrontend(t *testing.T) {
	s := openStack(t, "frontend", "tasks-example-nginx", "tasks-example-chromium")
	s.doREADME()
	s.expectPicture("screenshots/page.png")
	// Only the page with the mistake fails: each item counts once.
	s.replace("site/cart.js", "sum + line.count * line.cents", "sum + line.cents")
	r := s.run(1, "run", "--keep-going", "test")
	s.expectLines(r, "test@page=books | ok books", "test@page=empty-cart | ok empty-cart", "FAILED: test@page=cart (exit code 1) after 0.1 s")
	s.expectREADMEText(strings.ReplaceAll(r.Stdout+r.Stderr, "test@page=cart | ", ""))
}

// expectPicture expects a picture of the size of the browser's window, owned by the user.
func (s *stack) expectPicture(name string) {
	s.T.Helper()
	file, err := os.Open(filepath.Join(s.Dir, name))
	if err != nil {
		s.T.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		s.T.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 800 || size.Y != 600 {
		s.T.Errorf("the picture has %v", size)
	}
	colours := map[any]bool{}
	for x := range 800 {
		for y := range 600 {
			colours[picture.At(x, y)] = true
		}
	}
	if len(colours) < 3 {
		s.T.Errorf("the picture has %d colours: the page is empty", len(colours))
	}
	info, err := file.Stat()
	if err != nil {
		s.T.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; int(owner) != os.Getuid() {
		s.T.Errorf("the picture belongs to user %d", owner)
	}
}

func TestDBVersions(t *testing.T) {
	s := openStack(t, "db-versions", "tasks-example-postgres", "tasks-example-postgres:17")
	s.doREADME()
	// A query for the new version only fails on the old version only.
	query, err := os.ReadFile(filepath.Join(s.Dir, "tests/17/details.sql"))
	if err != nil {
		t.Fatal(err)
	}
	s.Write("tests/details.sql", string(query))
	r := s.run(3, "run", "--keep-going", "test")
	s.expectLines(r, "test@postgres=17 | ok tests/details.sql", "test@postgres=15 | psql:tests/details.sql:9: ERROR: ...")
	s.expectREADMEText(r.Stderr)
}

func TestMonorepo(t *testing.T) {
	s := openStack(t, "monorepo", "tasks-example-redis")
	s.doREADME()
	for _, c := range []struct{ file, api, worker string }{
		{"worker/main.go", "skipped: up to date", "done (0.1 s)"},
		{"queue/queue.go", "done (0.1 s)", "done (0.1 s)"},
		{"api/Dockerfile", "skipped: up to date", "skipped: up to date"},
	} {
		text, err := os.ReadFile(filepath.Join(s.Dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		comment := map[bool]string{true: "// ", false: "# "}[strings.HasSuffix(c.file, ".go")]
		s.Write(c.file, string(text)+"\n"+comment+"changed\n")
		s.expectLines(s.run(0, "run"), "task api:test  "+c.api, "task worker:test  "+c.worker)
	}
	// The variable of the root changes the programs of the parts.
	s.run(0, "run", "-q", "--var", "level=debug", "upper", "hello")
	logs := s.run(0, "logs", "worker")
	if log := logs.Stdout + logs.Stderr; !strings.Contains(log, "push result:") || !strings.Contains(log, "HELLO") {
		t.Errorf("the log of the worker at level debug:\n%s", log)
	}
	s.expectLines(s.run(2, "--var", "level=loud", "run", "upper", "hello"), "  level is debug or info. ...")
}
