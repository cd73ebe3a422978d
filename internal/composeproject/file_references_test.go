package composeproject

import (
	"slices"
	"testing"
)

// A config with an empty content is an empty file. Compose v5 mounts the directory of the project in its place.
func TestWithoutEmptyFiles(t *testing.T) {
	const file = `services:
  web: {image: a, secrets: [set, empty, unset, file], configs: [inline, blank, empty]}
secrets:
  set: {environment: SET}
  empty: {environment: EMPTY}
  unset: {environment: UNSET}
  file: {file: ./x}
configs:
  inline: {content: x}
  blank: {content: "${UNSET}"}
  empty: {environment: EMPTY}
`
	dir := projectFolder(t, "app", map[string]string{"compose.yaml": file})
	p, err := Load(t.Context(), Options{WorkingDir: dir, Environ: []string{"SET=1", "EMPTY="}})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := p.Service("web")
	after := p.WithoutEmptyFiles(before)
	var names []string
	for _, use := range after.Secrets {
		names = append(names, use.Source)
	}
	for _, use := range after.Configs {
		names = append(names, use.Source)
	}
	if want := []string{"set", "unset", "file", "inline", "blank"}; !slices.Equal(names, want) || len(before.Secrets) != 4 {
		t.Errorf("files %v, want %v", names, want)
	}
}
