package planner

import (
	"strings"
	"testing"
)

// The forms in which a Dockerfile names an image of another service, and forms that only look like it.
func TestDockerfileForms(t *testing.T) {
	const compose = "services:\n  web: {image: shop-web, build: ./web}\n  base: {image: shop-base, build: ./base}\n"
	for name, test := range map[string]struct {
		dockerfile string
		isBase     bool
	}{
		"a platform":                    {"FROM --platform=$BUILDPLATFORM shop-base", true},
		"a default in the place":        {"ARG BASE\nFROM ${BASE:-shop-base}", true},
		"a part of the name":            {"ARG KIND=base\nFROM shop-$KIND", true},
		"windows newlines":              {"FROM alpine\r\nCOPY --from=shop-base /a /b\r\n", true},
		"a line that goes on":           {"FROM \\\n  shop-base", true},
		"an escape directive":           {"# escape=`\nFROM `\n  shop-base", true},
		"a syntax directive":            {"# syntax=docker/dockerfile:1\nFROM shop-base", true},
		"small letters":                 {"from shop-base as x", true},
		"a byte order mark":             {"\ufeffFROM shop-base", true},
		"a cache mount":                 {"FROM alpine\nRUN --mount=type=cache,from=shop-base,target=/m true", true},
		"a copy of a here-document":     {"FROM alpine\nCOPY --from=shop-base --chmod=755 /a /b\nCOPY <<EOF /c\nx\nEOF", true},
		"a stage that the target needs": {"FROM shop-base AS one\nFROM alpine\nCOPY --from=one /a /b", true},
		"a stage of a stage":            {"FROM shop-base AS one\nFROM one AS two\nFROM two", true},
		"a comment":                     {"# FROM shop-base\nFROM alpine", false},
		"a here-document":               {"FROM alpine\nRUN <<EOF\nFROM shop-base\nEOF", false},
		"a stage by its number":         {"FROM alpine\nFROM alpine\nCOPY --from=0 /a /b", false},
		"an argument of a stage":        {"FROM alpine\nARG BASE=shop-base\nRUN echo $BASE", false},
		"a word of a command":           {"FROM alpine\nRUN echo FROM shop-base", false},
		"a longer name":                 {"FROM my/shop-base", false},
		"another registry":              {"FROM example.com/shop-base", false},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"compose.yaml": compose, "web/Dockerfile": test.dockerfile, "base/Dockerfile": "FROM scratch"}
			p := loadFolder(t, files, "web")
			plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: localImages()})
			lines := imageLines(plan)
			if got := strings.Contains(lines, "build shop-web: not present locally <image/shop-base"); got != test.isBase {
				t.Errorf("the base comes first: %v\n%s", got, lines)
			}
		})
	}
}
