//go:build unix

package docs

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/pagetest"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }

// TestTutorial does everything that the tutorial says, with the image of PostgreSQL of examples/postgres.
func TestTutorial(t *testing.T) {
	app := apptest.NewApp(t, "services: {}", "")
	app.RequireImages("tasks-example-postgres")
	app.RemoveFile("Tasks.hcl")
	reader := &pagetest.Reader{T: t, App: app, Names: namesOf(app), Limit: apptest.TestTimeout}
	if commands := reader.Do("tutorial.md"); commands < 9 {
		t.Errorf("only %d commands", commands)
	}
}

// namesOf replaces the names of the pages by those of a test.
func namesOf(app *apptest.App) *strings.Replacer {
	return strings.NewReplacer(
		"postgres:17", "tasks-example-postgres", "name: shop", "name: "+app.Project, "shop_default", app.Project+"_default",
		"shop-db-1", app.Project+"-db-1",
	)
}

// read returns the blocks of a page.
func read(t *testing.T, page string) []pagetest.Block {
	t.Helper()
	blocks, err := pagetest.Read(page)
	if err != nil {
		t.Fatal(err)
	}
	return blocks
}
