package dockerfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImages(t *testing.T) {
	given := func(values ...string) map[string]*string {
		args := map[string]*string{}
		for _, value := range values {
			key, text, _ := strings.Cut(value, "=")
			args[key] = &text
		}
		return args
	}
	tests := []struct {
		name, text string
		options    Options
		want       string
	}{
		{"one", "FROM shop-base\n", Options{}, "shop-base:1"},
		{"a tag and a digest", "FROM a:1@sha256:" + strings.Repeat("0", 64), Options{}, "a:1@sha256:" + strings.Repeat("0", 64) + ":1"},
		{"scratch", "FROM scratch\nCOPY a /\n", Options{}, ""},
		{"a stage shadows an image", "FROM alpine AS shop-base\nFROM shop-base\n", Options{}, "alpine:1"},
		{"a stage in other letters", "FROM alpine AS Base\nFROM base\nCOPY --from=BASE a b\n", Options{}, "alpine:1"},
		{"a later stage shadows nothing", "FROM tools\nFROM alpine AS tools\n", Options{Target: "0"}, "tools:1"},
		{"the same name twice", "FROM a AS x\nFROM b AS x\nFROM x\n", Options{}, "b:2"},
		{"copy from an image", "FROM a\n\nCOPY --from=shop-base /x /y\n", Options{}, "a:1 shop-base:3"},
		{"copy from a stage", "FROM a AS build\nFROM b\nCOPY --from=build /x /y\n", Options{}, "a:1 b:2"},
		{"copy from a number", "FROM a\nFROM b\nCOPY --from=0 /x /y\n", Options{}, "a:1 b:2"},
		{"copy from the context", "FROM a\nCOPY x /y\nADD z /z\n", Options{}, "a:1"},
		{"mount from an image", "FROM a\nRUN --mount=type=bind,from=shop-base,target=/m true\n", Options{}, "a:1 shop-base:2"},
		{"mount from a stage", "FROM a AS s\nFROM b\nRUN --mount=from=s,target=/m true\n", Options{}, "a:1 b:2"},
		{"other mounts", "FROM a\nRUN --mount=type=cache,target=/c --mount=type=secret,id=s true\n", Options{}, "a:1"},
		{"an unused stage", "FROM heavy AS unused\nFROM a\n", Options{}, "a:2"},
		{"a target", "FROM a AS dev\nFROM b AS prod\n", Options{Target: "DEV"}, "a:1"},
		{"the default of an argument", "ARG BASE=shop-base\nFROM ${BASE}\n", Options{}, "shop-base:2"},
		{"a build argument", "ARG BASE=alpine\nFROM $BASE\n", Options{Args: given("BASE=shop-base")}, "shop-base:2"},
		{"an argument without a value", "ARG BASE=alpine\nFROM $BASE\n", Options{Args: map[string]*string{"BASE": nil}}, "alpine:2"},
		{"an argument in an argument", "ARG TAG=2\nARG BASE=shop-base:$TAG\nFROM $BASE\n", Options{Args: given("TAG=3")}, "shop-base:3:3"},
		{"a fallback", "ARG BASE\nFROM ${BASE:-shop-base}\n", Options{}, "shop-base:2"},
		{"an undeclared argument", "FROM ${BASE:-shop-base}\n", Options{Args: given("BASE=x")}, "shop-base:1"},
		{"an argument of a stage", "FROM a\nARG BASE=b\nFROM c${BASE}\n", Options{}, "c:3"},
		{"the platform", "FROM --platform=$BUILDPLATFORM base-$TARGETARCH\n", Options{Platform: "linux/arm64"}, "base-arm64:1"},
		{"another escape", "# escape=`\nARG BASE=a`$b\nFROM $BASE\n", Options{}, "a$b:3"},
		{"continued lines", "FROM \\\n  shop-base\nRUN a \\\n  b\nCOPY \\\n --from=c x y\n", Options{}, "shop-base:1 c:5"},
		{"a heredoc", "FROM a\nRUN <<EOF\nFROM b\nEOF\n", Options{}, "a:1"},
		{"a comment", "# FROM b\nFROM a\n", Options{}, "a:2"},
		{"onbuild", "FROM a\nONBUILD COPY --from=b x y\n", Options{}, "a:1"},
		{"the same image twice", "FROM a AS x\nCOPY --from=a b c\nFROM a\nCOPY --from=x b c\n", Options{}, "a:1"},
		{"a folder takes the place", "FROM base\nCOPY --from=a b c\n", Options{Contexts: map[string]string{"base": "/some/folder"}}, "a:2"},
		{"an image takes the place", "FROM base:latest\n", Options{Contexts: map[string]string{"docker.io/library/base": dockerImage + "shop-base"}}, "shop-base:1"},
		{"a context takes the place of a stage", "FROM a AS x\nFROM x\n", Options{Contexts: map[string]string{"x": dockerImage + "b"}}, "b:1"},
		{"an unused context", "FROM a\n", Options{Contexts: map[string]string{"x": dockerImage + "b"}}, "a:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			images, err := Images([]byte(test.text), test.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, i := range images {
				got = append(got, fmt.Sprintf("%s:%d", i.Ref, i.Line))
			}
			if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFinalImage: the image below the target stage, and below all stages between.
func TestFinalImage(t *testing.T) {
	const text = "ARG TAG=1\nFROM a:$TAG AS base\nFROM base AS dev\nFROM b AS build\nFROM dev\nCOPY --from=build x y\n"
	for target, want := range map[string]string{"": "a:1", "dev": "a:1", "build": "b"} {
		if image, err := FinalImage([]byte(text), Options{Target: target}); err != nil || image != want {
			t.Errorf("target %q: %q, %v, want %q", target, image, err, want)
		}
	}
	if image, err := FinalImage([]byte(text), Options{Target: "missing"}); err == nil {
		t.Errorf("image %q of an unknown stage", image)
	}
}

func TestWrongDockerfiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no stage": "ARG A=1\n", "no instruction": "FROMAGE x\n", "a copy before FROM": "COPY a b\n",
		"an error in an argument": "FROM ${A:?no base}\n",
	} {
		if images, err := Images([]byte(text), Options{}); err == nil {
			t.Errorf("%s: images %v and no error", name, images)
		}
	}
	if _, err := Images([]byte("FROM a\n"), Options{Target: "dev"}); err == nil || !strings.Contains(err.Error(), `"dev"`) {
		t.Errorf("error %v, want one that names the stage", err)
	}
}

func TestPath(t *testing.T) {
	dir := t.TempDir()
	for want, got := range map[string]string{
		filepath.Join(dir, "Dockerfile"): Path(dir, ""),
		filepath.Join(dir, "a/Other"):    Path(dir, "a/Other"),
		"/else/Dockerfile":               Path(dir, "/else/Dockerfile"),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "dockerfile"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Path(dir, ""); got != filepath.Join(dir, "dockerfile") {
		t.Errorf("%s, want the name in small letters", got)
	}
}
