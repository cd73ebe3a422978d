package main

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed templates
var templates embed.FS

// manifest is the data of a template.
type manifest struct {
	Version, Summary, License, Repository string
	// Downloads is the address of the directory of the release.
	Downloads string
	release   *release
}

// Name returns the name of the archive for a target.
func (m manifest) Name(target string) (string, error) {
	t, err := parseTarget(target)
	return m.release.archiveName(t), err
}

// Sum returns the SHA-256 of the archive for a target.
func (m manifest) Sum(target string) (string, error) {
	name, err := m.Name(target)
	if err != nil {
		return "", err
	}
	return m.release.checksum(name)
}

func (r *release) downloads() string {
	return strings.ReplaceAll(r.home.Downloads, "{version}", r.version)
}

// writeManifests writes the files for other installers. A manifest names several archives, so a release of a part of
// the targets has no such manifest.
func (r *release) writeManifests() error {
	if err := r.writeInstallScript(); err != nil {
		return err
	}
	if len(r.targets) < len(allTargets()) {
		return nil
	}
	data := manifest{r.version, summary, licenseName, r.home.Repository, r.downloads(), r}
	for _, name := range []string{"tasks.rb", "tasks.json", "tasks.nix"} { // Homebrew, Scoop, Nix
		t, err := template.ParseFS(templates, "templates/"+name)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, data); err != nil {
			return err
		}
		if err := r.write(name, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeInstallScript writes install.sh with the version and the address of this release as defaults.
func (r *release) writeInstallScript() error {
	script, err := os.ReadFile(filepath.Join(r.source, "install.sh"))
	if err != nil {
		return err
	}
	text := string(script)
	for name, value := range map[string]string{"TASKS_VERSION": r.version, "TASKS_DOWNLOADS": r.downloads()} {
		unset, set := "${"+name+":-}", "${"+name+":-"+value+"}"
		if strings.Count(text, unset) != 1 {
			return fmt.Errorf("install.sh must have %s once", unset)
		}
		text = strings.Replace(text, unset, set, 1)
	}
	return r.write("install.sh", []byte(text), 0o755)
}
