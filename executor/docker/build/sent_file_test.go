package build

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client/pkg/versions"
	"github.com/tonistiigi/fsutil"

	"tasks/internal/toolbox"
)

// linked is a folder of files and links. {dir} in the target of a link is the folder.
type linked struct {
	files, links map[string]string
	dockerfile   string
	// err is the wanted error; {dir} is the folder.
	err string
}

// make makes the folder and returns its path. The context is the folder ctx.
func (l linked) make(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	l.write(t, dir)
	return dir
}

func (l linked) write(t *testing.T, dir string) {
	t.Helper()
	path := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path("ctx/x")
	for name, text := range l.files {
		if err := os.WriteFile(path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range l.links {
		if err := os.Symlink(strings.ReplaceAll(target, "{dir}", dir), path(name)); err != nil {
			t.Fatal(err)
		}
	}
}

// sent reads a file as BuildKit does: through a filter with the path and its links.
func sent(t *testing.T, folder fsutil.FS, name string) string {
	t.Helper()
	filtered, err := fsutil.NewFilterFS(folder, &fsutil.FilterOpt{FollowPaths: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	var entry os.FileInfo
	err = filtered.Walk(t.Context(), "", func(path string, e os.DirEntry, err error) error {
		if err == nil && path == name {
			entry, err = e.Info()
		}
		return err
	})
	if err != nil || entry == nil {
		t.Fatalf("%s is not sent: %v", name, err)
	}
	if !entry.Mode().IsRegular() {
		t.Errorf("%s is sent as %s; want a file", name, entry.Mode())
	}
	file, err := filtered.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil || int64(len(content)) != entry.Size() {
		t.Errorf("%s: %d bytes, told as %d: %v", name, len(content), entry.Size(), err)
	}
	return string(content)
}

// The Dockerfile is the file behind all links, wherever they lead.
func TestLinkedDockerfile(t *testing.T) {
	files := map[string]string{"out/Real": "FROM scratch\n", "out/Real.dockerignore": "b\n", "ctx/in": "FROM scratch\n"}
	tests := map[string]linked{
		"out of its folder":         {links: map[string]string{"ctx/linked/Dockerfile": "../../out/Real"}, dockerfile: "linked/Dockerfile"},
		"out of the context":        {links: map[string]string{"ctx/Dockerfile": "../out/Real"}},
		"absolute":                  {links: map[string]string{"ctx/Dockerfile": "{dir}/out/Real"}},
		"absolute, inside":          {links: map[string]string{"ctx/Dockerfile": "{dir}/ctx/in"}},
		"relative, inside":          {links: map[string]string{"ctx/Dockerfile": "in"}},
		"a chain":                   {links: map[string]string{"ctx/Dockerfile": "a", "ctx/a": "{dir}/b", "b": "out/Real"}},
		"a linked folder":           {links: map[string]string{"ctx/sub": "../out"}, dockerfile: "sub/Real"},
		"outside of the context":    {links: map[string]string{"else/File": "{dir}/out/Real"}, dockerfile: "../else/File"},
		"in small letters":          {links: map[string]string{"ctx/dockerfile": "../out/Real"}},
		"a link to a broken file":   {links: map[string]string{"ctx/Dockerfile": "../gone"}, err: "build.dockerfile: {dir}/ctx/Dockerfile is a link to ../gone: no such file"},
		"a link to itself":          {links: map[string]string{"ctx/Dockerfile": "Dockerfile"}, err: "{dir}/ctx/Dockerfile is a link to Dockerfile: too many levels"},
		"a link to a folder":        {links: map[string]string{"ctx/Dockerfile": "../out"}, err: "{dir}/ctx/Dockerfile is a link to ../out: is a directory"},
		"a link to no ignore file":  {links: map[string]string{"ctx/Dockerfile": "../out/Real", "ctx/Dockerfile.dockerignore": "gone"}, err: "{dir}/ctx/Dockerfile.dockerignore is a link to gone"},
		"no file":                   {err: "build.dockerfile: open {dir}/ctx/Dockerfile: no such file"},
		"another name, absolute":    {links: map[string]string{"ctx/My.file": "{dir}/out/Real"}, dockerfile: "{dir}/ctx/My.file"},
		"a link in a linked folder": {links: map[string]string{"ctx/sub": "../more", "more/File": "../out/Real"}, dockerfile: "sub/File"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.files = files
			dir := test.make(t)
			config := types.BuildConfig{
				Context: filepath.Join(dir, "ctx"), Dockerfile: strings.ReplaceAll(test.dockerfile, "{dir}", dir),
			}
			p, err := prepared(t, Request{Config: config})
			if test.err != "" {
				if want := strings.ReplaceAll(test.err, "{dir}", dir); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v; want %q in it", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			folder, file := p.options.LocalMounts[dockerfileMount], p.options.FrontendAttrs["filename"]
			if got := sent(t, folder, file); got != "FROM scratch\n" {
				t.Errorf("sent %q", got)
			}
			if !strings.HasPrefix(p.dockerfile, dir) || filepath.Base(p.dockerfile) != file {
				t.Errorf("errors name %s, the file is %s", p.dockerfile, file)
			}
		})
	}
}

// NAME.dockerignore is the file beside the name in the compose file, behind all links.
func TestLinkedIgnoreFileOfADockerfile(t *testing.T) {
	for name, target := range map[string]string{
		"relative": "../conf/ignore", "absolute": "{dir}/conf/ignore", "inside": "ignore", "a chain": "../conf/link", "empty": os.DevNull,
	} {
		t.Run(name, func(t *testing.T) {
			dir := linked{
				files: map[string]string{"ctx/My.file": "FROM scratch\n", "ctx/ignore": "b\n", "conf/ignore": "b\n"},
				links: map[string]string{"ctx/My.file.dockerignore": target, "conf/link": "{dir}/conf/ignore"},
			}.make(t)
			p, err := prepared(t, Request{Config: types.BuildConfig{Context: filepath.Join(dir, "ctx"), Dockerfile: "My.file"}})
			if err != nil {
				t.Fatal(err)
			}
			want := "b\n"
			if target == os.DevNull {
				want = ""
			}
			if got := sent(t, p.options.LocalMounts[dockerfileMount], "My.file.dockerignore"); got != want {
				t.Errorf("sent %q, want %q", got, want)
			}
		})
	}
}

// .dockerignore of a context, and of an additional context, is the file behind all links.
func TestLinkedIgnoreFile(t *testing.T) {
	files := map[string]string{"ctx/Dockerfile": "FROM scratch\n", "ctx/real/ignore": "b\n", "ctx/a": "a", "conf/ignore": "b\n"}
	tests := map[string]linked{
		"relative":         {links: map[string]string{"ctx/.dockerignore": "../conf/ignore"}},
		"absolute":         {links: map[string]string{"ctx/.dockerignore": "{dir}/conf/ignore"}},
		"absolute, inside": {links: map[string]string{"ctx/.dockerignore": "{dir}/ctx/real/ignore"}},
		"a chain":          {links: map[string]string{"ctx/.dockerignore": "link", "ctx/link": "../conf/link", "conf/link": "ignore"}},
		"a linked folder":  {links: map[string]string{"ctx/.dockerignore": "out/ignore", "ctx/out": "../conf"}},
		"gone":             {links: map[string]string{"ctx/.dockerignore": "../gone"}, err: "{dir}/ctx/.dockerignore is a link to ../gone: no such file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.files = files
			dir := test.make(t)
			context := filepath.Join(dir, "ctx")
			for attribute, config := range map[string]types.BuildConfig{
				"context": {Context: context}, "additional_contexts.more": {AdditionalContexts: types.Mapping{"more": context}},
			} {
				p, err := prepared(t, Request{Config: config})
				if test.err != "" {
					if want := "build." + attribute + ": " + strings.ReplaceAll(test.err, "{dir}", dir); err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("error %v; want %q in it", err, want)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				mount := map[string]string{"context": contextMount, "additional_contexts.more": "_more"}[attribute]
				if got := sent(t, p.options.LocalMounts[mount], ".dockerignore"); got != "b\n" {
					t.Errorf("sent %q of %s", got, mount)
				}
				if got := sent(t, p.options.LocalMounts[mount], "a"); got != "a" {
					t.Errorf("the other files: %q", got)
				}
			}
		})
	}
}

// A link inside the context is sent as the link: BuildKit follows it, and an image gets the link.
func TestIgnoreFileInsideTheContext(t *testing.T) {
	dir := linked{
		files: map[string]string{"ctx/Dockerfile": "FROM scratch\n", "ctx/conf/ignore": "b\n"},
		links: map[string]string{"ctx/.dockerignore": "conf/ignore"},
	}.make(t)
	folder, err := contextFolder(filepath.Join(dir, "ctx"))
	if err != nil {
		t.Fatal(err)
	}
	if _, isReplaced := folder.(replacedFile); isReplaced {
		t.Error("the link was replaced")
	}
}

// The engine builds with linked files, and finds each change of their content, even of the same size.
func TestBuildThroughLinks(t *testing.T) {
	image := toolbox.Image(t)
	b := newEngineBuild(t, nil)
	outside := t.TempDir()
	var more types.Mapping
	if !versions.LessThan(b.api.ClientVersion(), namedContextsAPI) {
		more = types.Mapping{"more": filepath.Join(b.dir, "more")}
	}
	linked{
		files: map[string]string{"data/a": "", "data/b": "", "more/a": "", "more/b": ""},
		links: map[string]string{
			"Dockerfile": filepath.Join(outside, "Real"), ".dockerignore": filepath.Join(outside, "ignore"),
			"more/.dockerignore": filepath.Join(outside, "ignore"),
		},
	}.write(t, b.dir)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, round := range []struct{ ignored, left string }{{"b", "a"}, {"a", "b"}} {
		check := "test \"$(ls /in/data)\" = " + round.left
		if len(more) > 0 {
			check += " && test \"$(ls /more)\" = " + round.left
			check = "--mount=from=more,target=/more " + check
		}
		write("ignore", "**/"+round.ignored+"\n")
		write("Real", "FROM "+image+"\nCOPY . /in/\nRUN "+mark(check)+"\n")
		if err := b.build(types.BuildConfig{AdditionalContexts: more}); err != nil {
			t.Fatal(err)
		}
	}
	write("Real", "FROM "+image+"\nRUN exit 3\n")
	if err := b.build(types.BuildConfig{}); err == nil || !strings.Contains(err.Error(), filepath.Join(b.dir, "Dockerfile")+":2:") {
		t.Errorf("error %v; want the path of the user, and the line", err)
	}
}
