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
	names := strings.NewReplacer(
		"postgres:17", "tasks-example-postgres", "name: shop", "name: "+app.Project, "shop_default", app.Project+"_default",
		"shop-db-1", app.Project+"-db-1",
	)
	reader := &pagetest.Reader{T: t, App: app, Names: names, Limit: apptest.TestTimeout}
	if commands := reader.Do("tutorial.md"); commands < 9 {
		t.Errorf("only %d commands", commands)
	}
}
