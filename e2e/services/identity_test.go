//go:build unix

package services_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

const identityProject = `
services:
  web:
    image: @image
    command: ["signals"]
    labels: { team: shop }
    depends_on:
      db: { condition: service_started, restart: true }
    networks: [default, back]
    volumes: ["data:/data"]
  db:
    image: @image
    command: ["sleep", "infinity"]
networks:
  back: {}
volumes:
  data: {}
`

// matchLabels compares labels with regular expressions, and finds those that Compose would not write.
func matchLabels(t *testing.T, what string, labels, want map[string]string) {
	t.Helper()
	for name, pattern := range want {
		value, ok := labels[name]
		if !ok || !regexp.MustCompile("^(?:"+pattern+")$").MatchString(value) {
			t.Errorf("%s: label %s is %q (there: %v), want %s", what, name, value, ok, pattern)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if _, ok := want[name]; !ok && strings.HasPrefix(name, "com.docker.compose.") {
			t.Errorf("%s: label %s = %q is not one of Compose's here", what, name, labels[name])
		}
	}
}

// Names and labels are Compose's, so that both tools take each other's things for their own.
func TestIdentityIsComposes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, identityProject, `task "own" { service = "web" }`)
	oneOff, db := a.ContainerDuringRun("own"), a.Service("db")

	common := map[string]string{
		"com.docker.compose.project":              a.Project,
		"com.docker.compose.project.working_dir":  regexp.QuoteMeta(a.Dir),
		"com.docker.compose.project.config_files": regexp.QuoteMeta(filepath.Join(a.Dir, "compose.yaml")),
		"com.docker.compose.version":              `\d+\.\d+\.\d+`,
		"com.docker.compose.config-hash":          `[0-9a-f]{64}`,
		"com.docker.compose.image":                regexp.QuoteMeta(oneOff.Image),
	}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(common)
		maps.Copy(all, more)
		return all
	}
	matchLabels(t, "one-off", oneOff.Config.Labels, with(map[string]string{
		"com.docker.compose.service": "web", "com.docker.compose.oneoff": "True", "com.docker.compose.slug": "[0-9a-f]{64}",
		"com.docker.compose.depends_on": "db:service_started:true", "team": "shop",
	}))
	matchLabels(t, "dependency", db.Config.Labels, with(map[string]string{
		"com.docker.compose.service": "db", "com.docker.compose.oneoff": "False", "com.docker.compose.container-number": "1",
		"com.docker.compose.depends_on": "",
	}))
	slug := oneOff.Config.Labels["com.docker.compose.slug"]
	apptest.ExpectEqual(t, "names", []string{oneOff.Name, db.Name}, []string{"/" + a.Project + "-web-run-" + slug[:min(12, len(slug))], "/" + a.Project + "-db-1"})
	for name := range db.Config.Labels {
		if strings.HasPrefix(name, "tasks.") && name != "tasks.test" { // that one is the image's
			t.Errorf("a reused service carries our label %s", name)
		}
	}
	aliases := db.NetworkSettings.Networks[a.Project+"_default"].Aliases
	if !slices.Contains(aliases, "db") || !slices.Contains(aliases, a.Project+"-db-1") {
		t.Errorf("aliases of the dependency: %v", aliases)
	}

	for _, key := range []string{"default", "back"} {
		n, err := a.Engine.NetworkInspect(t.Context(), a.Project+"_"+key, client.NetworkInspectOptions{})
		if err != nil {
			t.Errorf("network %s: %v", key, err)
			continue
		}
		matchLabels(t, "network "+key, n.Network.Labels, map[string]string{
			"com.docker.compose.project": a.Project, "com.docker.compose.network": key,
			"com.docker.compose.version": `\d+\.\d+\.\d+`, "com.docker.compose.config-hash": `[0-9a-f]{64}`,
		})
	}
	v, err := a.Engine.VolumeInspect(t.Context(), a.Project+"_data", client.VolumeInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	matchLabels(t, "volume", v.Volume.Labels, map[string]string{
		"com.docker.compose.project": a.Project, "com.docker.compose.volume": "data",
		"com.docker.compose.version": `\d+\.\d+\.\d+`, "com.docker.compose.config-hash": `[0-9a-f]{64}`,
	})
}

// An image task is a one-off of the project, that Compose's listings find too.
func TestIdentityOfAnImageTask(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "tool" {
			image   = "@image"
			command = ["signals"]
		}
	`)
	c := a.ContainerDuringRun("tool")
	for name, pattern := range map[string]string{
		"com.docker.compose.project": a.Project, "com.docker.compose.oneoff": "True", "com.docker.compose.slug": "[0-9a-f]{64}",
		"com.docker.compose.config-hash": "[0-9a-f]{64}", "com.docker.compose.image": regexp.QuoteMeta(c.Image),
	} {
		if value := c.Config.Labels[name]; !regexp.MustCompile("^(?:" + pattern + ")$").MatchString(value) {
			t.Errorf("label %s is %q, want %s", name, value, pattern)
		}
	}
	if !strings.HasPrefix(c.Name, "/"+a.Project+"-tool-run-") {
		t.Errorf("it is called %s", c.Name)
	}
}
