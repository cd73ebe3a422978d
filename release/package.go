package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/apk" // registers the format
	_ "github.com/goreleaser/nfpm/v2/deb" // registers the format
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers the format
)

const (
	// summary is the first line of descriptions.
	summary     = "Task runner for teams with Docker Compose"
	description = summary + "\nTasks.hcl beside compose.yaml declares the tasks of a team.\n" +
		"A run starts the services that a task needs."
	// licenseName is the identifier of the licence by SPDX.
	licenseName = "Apache-2.0"
)

func packageFormats() []string { return []string{"deb", "rpm", "apk"} }

// writePackages writes the packages of each Linux target.
func (r *release) writePackages() error {
	for _, t := range r.targets {
		if t.os != "linux" {
			continue
		}
		for _, format := range packageFormats() {
			name := r.packageName(t, format)
			content, err := r.packageFile(t, format)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if err := r.write(name, content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// packageName is the same for all formats, so that a link to a package needs only the version.
func (r *release) packageName(t target, format string) string {
	return fmt.Sprintf("tasks_%s_%s_%s.%s", r.version, t.os, t.arch, format)
}

func (r *release) packageFile(t target, format string) ([]byte, error) {
	contents, err := r.packageContents(t, format)
	if err != nil {
		return nil, err
	}
	version, prerelease, _ := strings.Cut(r.version, "-")
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "tasks", Arch: t.arch, Version: version, Prerelease: strings.ReplaceAll(prerelease, "-", "."),
		Section: "devel", Priority: "optional", Maintainer: r.home.Maintainer, Homepage: r.home.Repository,
		License: licenseName, Description: description, MTime: r.time, DisableGlobbing: true,
		Overridables: nfpm.Overridables{Contents: contents},
	})
	info.RPM.BuildHost = "localhost" // the default is the name of this machine
	packager, err := nfpm.Get(format)
	if err != nil {
		return nil, err
	}
	if err := nfpm.PrepareForPackager(info, format); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = packager.Package(info, &b)
	return b.Bytes(), err
}

// packageContents lays out the files of a package in the temporary directory, and lists the files with their places in
// the system.
func (r *release) packageContents(t target, format string) (files.Contents, error) {
	entries, err := r.packageEntries(format)
	if err != nil {
		return nil, err
	}
	contents := files.Contents{{
		Source: r.programPath(t), Destination: "/usr/bin/tasks",
		FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: 0o755, MTime: r.time},
	}}
	for _, e := range entries {
		source := filepath.Join(r.work, format, e.name)
		if err := os.MkdirAll(filepath.Dir(source), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(source, e.content, 0o644); err != nil {
			return nil, err
		}
		contents = append(contents, &files.Content{
			Source: source, Destination: "/" + e.name,
			FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: e.mode, MTime: r.time},
		})
	}
	return contents, nil
}

// packageEntries returns the files of a package without the program. Debian has places of its own for two of the files.
func (r *release) packageEntries(format string) ([]entry, error) {
	zsh, license := "usr/share/zsh/site-functions/_tasks", "usr/share/licenses/tasks/LICENSE"
	if format == "deb" {
		zsh, license = "usr/share/zsh/vendor-completions/_tasks", "usr/share/doc/tasks/copyright"
	}
	entries := []entry{
		{"usr/share/bash-completion/completions/tasks", r.completions["bash"], 0o644},
		{zsh, r.completions["zsh"], 0o644},
		{"usr/share/fish/vendor_completions.d/tasks.fish", r.completions["fish"], 0o644},
		{license, r.license, 0o644},
	}
	for _, name := range sortedKeys(r.pages) {
		page, err := compress(r.pages[name])
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{"usr/share/man/man1/" + name + ".gz", page, 0o644})
	}
	return entries, nil
}
